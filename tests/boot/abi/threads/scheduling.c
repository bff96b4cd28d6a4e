// What programs ask about scheduling, and membarrier.
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../check.h"

struct attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
    uint32_t least, most;
};

static void test_affinity(void) {
    unsigned long mask[64];
    memset(mask, 0xff, sizeof(mask));
    check("getaffinity tells a multiple of words",
          syscall(SYS_sched_getaffinity, 0, sizeof(mask), mask) % 8 == 0 && (mask[0] & 1));
    show("a size that is no multiple", syscall(SYS_sched_getaffinity, 0, 12, mask));
    show("a size of nothing", syscall(SYS_sched_getaffinity, 0, 0, mask));
    show("of no thread", syscall(SYS_sched_getaffinity, 99999999, sizeof(mask), mask));
    show("of a negative number", syscall(SYS_sched_getaffinity, -1, sizeof(mask), mask));
    show("at a bad address", syscall(SYS_sched_getaffinity, 0, 8, 8));
    memset(mask, 0, sizeof(mask));
    mask[0] = 1;
    show("setaffinity", syscall(SYS_sched_setaffinity, 0, sizeof(mask), mask));
    show("of one byte", syscall(SYS_sched_setaffinity, 0, 1, mask));
    show("of a negative number", syscall(SYS_sched_setaffinity, -1, sizeof(mask), mask));
    mask[0] = 0;
    show("to no CPU", syscall(SYS_sched_setaffinity, 0, sizeof(mask), mask));
    mask[0] = 1;
    check("one CPU is counted", sched_getcpu() == 0);
    unsigned cpu = 9, node = 9;
    show("getcpu", syscall(SYS_getcpu, &cpu, &node, NULL));
    printf("ok on %u of %u\n", cpu, node);
}

static void show_attributes(const char* name) {
    struct attributes now = {0};
    const long result = syscall(SYS_sched_getattr, 0, &now, sizeof(now), 0);
    printf("ok %s: %ld, size %u, policy %u, flags %lx, nice %d, priority %u\n", name, result,
           now.size, now.policy, (unsigned long)now.flags, now.nice, now.priority);
}

static void test_policies(void) {
    struct sched_param parameter = {0};
    show("the policy", syscall(SYS_sched_getscheduler, 0));
    show("batch", syscall(SYS_sched_setscheduler, 0, 3, &parameter));
    show("the policy", syscall(SYS_sched_getscheduler, 0));
    show_attributes("attributes");
    show("idle", syscall(SYS_sched_setscheduler, 0, 5, &parameter));
    show("the policy", syscall(SYS_sched_getscheduler, 0));
    show("other", syscall(SYS_sched_setscheduler, 0, 0, &parameter));
    show("no such policy", syscall(SYS_sched_setscheduler, 0, 4, &parameter));
    parameter.sched_priority = 1;
    show("other with a priority", syscall(SYS_sched_setscheduler, 0, 0, &parameter));
    parameter.sched_priority = 100;
    show("too high a priority", syscall(SYS_sched_setscheduler, 0, 1, &parameter));
    show("a parameter at a bad address", syscall(SYS_sched_setscheduler, 0, 0, 8));
    show("no parameter", syscall(SYS_sched_setscheduler, 0, 0, NULL));
    parameter.sched_priority = 9;
    show("getparam", syscall(SYS_sched_getparam, 0, &parameter));
    printf("ok priority %d\n", parameter.sched_priority);
    show("of no thread", syscall(SYS_sched_getscheduler, 99999999));
    show("of a negative one", syscall(SYS_sched_getscheduler, -1));
    const int policies[] = {0, 1, 2, 3, 5, 6};
    for (unsigned i = 0; i < sizeof(policies) / sizeof(*policies); i++) {
        printf("ok policy %d: ", policies[i]);
        printf("%ld to ", syscall(SYS_sched_get_priority_min, policies[i]));
        printf("%ld\n", syscall(SYS_sched_get_priority_max, policies[i]));
    }
    struct timespec interval;
    show("rr_get_interval", syscall(SYS_sched_rr_get_interval, 0, &interval));
    check("an interval", interval.tv_sec == 0 && interval.tv_nsec >= 0);
}

static void test_attributes(void) {
    show_attributes("attributes");
    struct attributes wanted = {.size = 48, .policy = 3, .nice = 5};
    show("setattr", syscall(SYS_sched_setattr, 0, &wanted, 0));
    show_attributes("attributes");
    printf("ok nice %d\n", getpriority(PRIO_PROCESS, 0));
    wanted = (struct attributes){.size = 48, .policy = 0, .nice = 0};
    show("setattr", syscall(SYS_sched_setattr, 0, &wanted, 0));
    show("getattr of a small size", syscall(SYS_sched_getattr, 0, &wanted, 40, 0));
    show("getattr with flags", syscall(SYS_sched_getattr, 0, &wanted, 48, 1));
    show("getattr without a place", syscall(SYS_sched_getattr, 0, NULL, 48, 0));
    wanted = (struct attributes){.size = 20};
    show("setattr of a small size", syscall(SYS_sched_setattr, 0, &wanted, 0));
    printf("ok its size %u\n", wanted.size);
    wanted = (struct attributes){.size = 48, .policy = 4};
    show("setattr of no policy", syscall(SYS_sched_setattr, 0, &wanted, 0));
    show("setattr with flags", syscall(SYS_sched_setattr, 0, &wanted, 1));
}

static void test_nice(void) {
    show("setpriority", setpriority(PRIO_PROCESS, 0, 3));
    errno = 0;
    printf("ok nice %d\n", getpriority(PRIO_PROCESS, 0));
    show("of nobody", getpriority(PRIO_PROCESS, 99999999));
    show("no such kind", getpriority(9, 0));
    show("setpriority back", setpriority(PRIO_PROCESS, 0, 0));
}

static void test_membarrier(void) {
    const long supported = syscall(SYS_membarrier, 0, 0, 0);
    check("membarrier's usual commands", supported > 0 && (supported & 0x7f) == 0x7f);
    show("private, not registered", syscall(SYS_membarrier, 8, 0, 0));
    show("sync core, not registered", syscall(SYS_membarrier, 32, 0, 0));
    show("registered", syscall(SYS_membarrier, 16, 0, 0));
    show("private", syscall(SYS_membarrier, 8, 0, 0));
    show("sync core, still not registered", syscall(SYS_membarrier, 32, 0, 0));
    show("registered", syscall(SYS_membarrier, 64, 0, 0));
    show("sync core", syscall(SYS_membarrier, 32, 0, 0));
    show("expedited registered", syscall(SYS_membarrier, 4, 0, 0));
    show("expedited", syscall(SYS_membarrier, 2, 0, 0));
    show("two commands", syscall(SYS_membarrier, 24, 0, 0));
    show("flags", syscall(SYS_membarrier, 16, 1, 0));
    show("flags of a query", syscall(SYS_membarrier, 0, 1, 0));
}

static void test_prctl(void) {
    char name[20] = "????????????????";
    show("set a long name", prctl(PR_SET_NAME, "a name of twenty letters"));
    prctl(PR_GET_NAME, name);
    printf("ok name %s\n", name);
    show("keep capabilities", prctl(PR_SET_KEEPCAPS, 1));
    show("kept", prctl(PR_GET_KEEPCAPS));
    show("no new privileges, wrongly", prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
    show("had they", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    show("no new privileges", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    show("have they", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    int death = 9;
    show("parent's death", prctl(PR_SET_PDEATHSIG, 15));
    show("parent's death", prctl(PR_GET_PDEATHSIG, &death));
    printf("ok signal %d\n", death);
    show("dumpable", prctl(PR_SET_DUMPABLE, 0));
    show("dumpable", prctl(PR_GET_DUMPABLE));
    show("dumpable, wrongly", prctl(PR_SET_DUMPABLE, 2));
    show("seccomp", prctl(PR_GET_SECCOMP));
    show("time slack", prctl(PR_SET_TIMERSLACK, 5000));
    show("time slack", prctl(PR_GET_TIMERSLACK));
    show("huge pages", prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
    show("huge pages", prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
    show("huge pages", prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0));
    show("a capability", prctl(PR_CAPBSET_READ, 0));
    show("no capability", prctl(PR_CAPBSET_READ, 400));
    show("nothing known", prctl(12345));
}

int main(void) {
    test_affinity();
    test_policies();
    test_attributes();
    test_nice();
    test_membarrier();
    test_prctl();
    return failures != 0;
}
