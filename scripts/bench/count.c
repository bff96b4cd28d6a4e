/* A QEMU plugin that counts the guest's instructions. Written against the documented plugin
 * interface, version 1 (docs/devel/tcg-plugins.rst), which Debian ships without its header;
 * declared here is what is used of it.
 *
 *     -plugin count.so,counter=FILE,console=FILE,line=TEXT,begin=OFFSET:BYTES,waiting=START:SIZE
 *
 * counter: five little-endian 64-bit numbers that others may map: instructions so far, those up to
 * the port write that completed TEXT in the console's file (0: not yet), those up to the first
 * execution of code with these BYTES (hexadecimal) at this OFFSET in its page (0: not yet), those
 * so far at the SIZE virtual addresses from START on (hexadecimal; waiting= may be repeated), and
 * those there up to the line. The first three have the ones at these addresses too.
 * Counted per translation block: a block left early, by an exception, counts as a whole. */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void (*translation_callback)(plugin_id, struct qemu_plugin_tb*);
typedef void (*execution_callback)(unsigned cpu, void* data);
typedef void (*exit_callback)(plugin_id, void* data);
enum { NO_REGISTERS = 0, ADD_U64 = 0 };

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, translation_callback);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb*, int operation, void* where,
                                              uint64_t addend);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn*, execution_callback,
                                            int registers, void* data);
void qemu_plugin_register_atexit_cb(plugin_id, exit_callback, void* data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb*);
struct qemu_plugin_insn* qemu_plugin_tb_get_insn(const struct qemu_plugin_tb*, size_t index);
const void* qemu_plugin_insn_data(const struct qemu_plugin_insn*);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn*);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn*);

EXPORT int qemu_plugin_version = 1;
EXPORT int qemu_plugin_install(plugin_id id, const void* info, int argc, char** argv);

struct counter {
    uint64_t total;
    uint64_t at_line;
    uint64_t at_begin;
    uint64_t waiting;
    uint64_t waiting_at_line;
};

struct range {
    uint64_t start;
    uint64_t size;
};

static struct counter* counter;
static const char* line = "";
static int console = -1;
static const char* console_path;
static off_t searched;
static uint64_t last_write;
static uint64_t waiting_at_last_write;
static uint8_t begin[16];
static size_t begin_size;
static unsigned begin_offset;
static struct range waiting[4];
static size_t waiting_count;

static int console_has_line(void) {
    char text[4096];
    if (console < 0)
        console = open(console_path, O_RDONLY | O_CLOEXEC);
    ssize_t length = console < 0 ? 0 : pread(console, text, sizeof text, searched);
    if (length <= 0)
        return 0;
    if (memmem(text, (size_t)length, line, strlen(line)) != NULL)
        return 1;
    if (length > (ssize_t)strlen(line))
        searched += length - (ssize_t)strlen(line);
    return 0;
}

/* The write before this moment completed the line. */
static void line_is_complete(void) {
    counter->waiting_at_line = waiting_at_last_write;
    counter->at_line = last_write;
}

/* Before each port write. */
static void on_port_write(unsigned cpu, void* data) {
    (void)cpu, (void)data;
    if (counter->at_line != 0)
        return;
    if (console_has_line())
        line_is_complete();
    last_write = counter->total;
    waiting_at_last_write = counter->waiting;
}

static void on_end(plugin_id id, void* data) {
    (void)id, (void)data;
    if (*line != '\0' && counter->at_line == 0 && console_has_line())
        line_is_complete();
}

/* out imm8 / dx and outs, behind operand-size and repeat prefixes. */
static int writes_port(const struct qemu_plugin_insn* instruction) {
    const uint8_t* byte = qemu_plugin_insn_data(instruction);
    const uint8_t* end = byte + qemu_plugin_insn_size(instruction);
    while (byte < end && (*byte == 0x66 || *byte == 0xf2 || *byte == 0xf3))
        ++byte;
    if (byte == end)
        return 0;
    return *byte == 0xe6 || *byte == 0xe7 || *byte == 0xee || *byte == 0xef || *byte == 0x6e ||
           *byte == 0x6f;
}

static void on_begin(unsigned cpu, void* data) {
    (void)cpu;
    if (counter->at_begin == 0)
        counter->at_begin = counter->total - (size_t)data;
}

/* Whether the block's code from this instruction on starts with the bytes looked for. */
static int begins_at(const struct qemu_plugin_tb* block, size_t index) {
    const size_t count = qemu_plugin_tb_n_insns(block);
    size_t at = 0;
    if ((qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(block, index)) & 0xfff) != begin_offset)
        return 0;
    for (; index < count && at < begin_size; ++index) {
        const struct qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(block, index);
        size_t size = qemu_plugin_insn_size(instruction);
        size = size < begin_size - at ? size : begin_size - at;
        if (memcmp(qemu_plugin_insn_data(instruction), begin + at, size) != 0)
            return 0;
        at += size;
    }
    return at == begin_size;
}

static int is_waiting(const struct qemu_plugin_insn* instruction) {
    for (size_t i = 0; i < waiting_count; ++i)
        if (qemu_plugin_insn_vaddr(instruction) - waiting[i].start < waiting[i].size)
            return 1;
    return 0;
}

static void on_translation(plugin_id id, struct qemu_plugin_tb* block) {
    (void)id;
    size_t count = qemu_plugin_tb_n_insns(block);
    size_t waits = 0;
    for (size_t i = 0; i < count && waiting_count != 0; ++i)
        waits += (size_t)is_waiting(qemu_plugin_tb_get_insn(block, i));
    qemu_plugin_register_vcpu_tb_exec_inline(block, ADD_U64, &counter->total, count);
    if (waits != 0)
        qemu_plugin_register_vcpu_tb_exec_inline(block, ADD_U64, &counter->waiting, waits);
    for (size_t i = 0; i < count && begin_size != 0; ++i)
        if (begins_at(block, i))
            qemu_plugin_register_vcpu_insn_exec_cb(qemu_plugin_tb_get_insn(block, i), on_begin,
                                                   NO_REGISTERS, (void*)(count - i));
    for (size_t i = 0; i < count && *line != '\0'; ++i) {
        struct qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(block, i);
        if (writes_port(instruction))
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_port_write, NO_REGISTERS, NULL);
    }
}

static const char* value_of(const char* argument, const char* key) {
    size_t length = strlen(key);
    return strncmp(argument, key, length) == 0 && argument[length] == '=' ? argument + length + 1
                                                                          : NULL;
}

static int read_begin(const char* text) {
    char* end;
    begin_offset = (unsigned)strtoul(text, &end, 16);
    if (*end != ':')
        return 0;
    for (++end; end[0] != '\0' && end[1] != '\0' && begin_size < sizeof begin; end += 2) {
        const char digits[3] = {end[0], end[1], '\0'};
        begin[begin_size++] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return begin_size > 0;
}

static int read_waiting(const char* text) {
    char* end;
    if (waiting_count == sizeof waiting / sizeof *waiting)
        return 0;
    struct range* range = &waiting[waiting_count++];
    range->start = strtoull(text, &end, 16);
    if (*end != ':')
        return 0;
    range->size = strtoull(end + 1, &end, 16);
    return *end == '\0' && range->size != 0;
}

int qemu_plugin_install(plugin_id id, const void* info, int argc, char** argv) {
    const char* counter_path = NULL;
    (void)info;
    for (int i = 0; i < argc; ++i) {
        const char* value;
        if ((value = value_of(argv[i], "counter")) != NULL)
            counter_path = strdup(value);
        else if ((value = value_of(argv[i], "console")) != NULL)
            console_path = strdup(value);
        else if ((value = value_of(argv[i], "line")) != NULL)
            line = strdup(value);
        else if ((value = value_of(argv[i], "begin")) != NULL && !read_begin(value))
            return -1;
        else if ((value = value_of(argv[i], "waiting")) != NULL && !read_waiting(value))
            return -1;
    }
    int file = counter_path == NULL ? -1 : open(counter_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || ftruncate(file, sizeof *counter) != 0 || (*line != '\0' && !console_path))
        return -1;
    counter = mmap(NULL, sizeof *counter, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (counter == MAP_FAILED)
        return -1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    qemu_plugin_register_atexit_cb(id, on_end, NULL);
    return 0;
}
