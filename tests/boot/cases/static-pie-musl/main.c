/* A program that relocates itself, with everything that needs relocating. */
#include <elf.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/auxv.h>

static int seven(void) {
    return 7;
}

static int (*const k_functions[])(void) = {seven};
static __thread int number = 3;

static void *call(void *argument) {
    number += 4;
    *(int *)argument = number == k_functions[0]() ? number : 0;
    return NULL;
}

int main(void) {
    pthread_t thread;
    int result = 0;
    const Elf64_Ehdr *header = (const Elf64_Ehdr *)(getauxval(AT_PHDR) - sizeof(Elf64_Ehdr));
    printf("relocated: %s\n", header->e_entry != getauxval(AT_ENTRY) ? "yes" : "no");
    pthread_create(&thread, NULL, call, &result);
    pthread_join(thread, NULL);
    printf("number %d\n", result);
    return 0;
}
