__attribute__((noinline)) int descend(volatile char *from, int depth) {
    volatile char room[4096];
    room[0] = *from;
    return descend(room, depth + 1) + room[depth % 4096];
}

int main(void) {
    volatile char start = 1;
    return descend(&start, 0);
}
