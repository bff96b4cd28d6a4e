// The part of linux/netlink.h and linux/rtnetlink.h that the tests use: musl brings no kernel
// headers.
#pragma once

#include <stdint.h>

struct sockaddr_nl {
    sa_family_t nl_family;
    unsigned short nl_pad;
    uint32_t nl_pid, nl_groups;
};
struct nlmsghdr {
    uint32_t nlmsg_len;
    uint16_t nlmsg_type, nlmsg_flags;
    uint32_t nlmsg_seq, nlmsg_pid;
};
struct nlmsgerr {
    int error;
    struct nlmsghdr msg;
};
struct rtattr {
    unsigned short rta_len, rta_type;
};
struct rtgenmsg {
    unsigned char rtgen_family;
};
struct ifinfomsg {
    unsigned char ifi_family, ifi_padding;
    unsigned short ifi_type;
    int ifi_index;
    unsigned ifi_flags, ifi_change;
};
struct ifaddrmsg {
    uint8_t ifa_family, ifa_prefixlen, ifa_flags, ifa_scope;
    uint32_t ifa_index;
};
struct rtmsg {
    unsigned char rtm_family, rtm_dst_len, rtm_src_len, rtm_tos;
    unsigned char rtm_table, rtm_protocol, rtm_scope, rtm_type;
    unsigned rtm_flags;
};

enum { NETLINK_ROUTE = 0, NETLINK_ADD_MEMBERSHIP = 1 };
enum { NLMSG_NOOP = 1, NLMSG_ERROR = 2, NLMSG_DONE = 3 };
enum { NLM_F_REQUEST = 1, NLM_F_MULTI = 2, NLM_F_ACK = 4, NLM_F_DUMP = 0x300 };
enum { RTM_NEWLINK = 16, RTM_GETLINK = 18, RTM_NEWADDR = 20, RTM_GETADDR = 22 };
enum { RTM_NEWROUTE = 24, RTM_GETROUTE = 26, RTA_DST = 1, RT_SCOPE_HOST = 254 };

#define NLMSG_HDRLEN ((int)sizeof(struct nlmsghdr))
#define NLMSG_LENGTH(size) ((size) + NLMSG_HDRLEN)
#define NLMSG_DATA(message) ((void*)((char*)(message) + NLMSG_HDRLEN))
#define NLMSG_STEP(message) (((message)->nlmsg_len + 3U) & ~3U)
#define NLMSG_OK(message, left) ((left) >= NLMSG_HDRLEN && (int)(message)->nlmsg_len <= (left))
#define NLMSG_NEXT(message, left)                                                                  \
    ((left) -= (int)NLMSG_STEP(message), (struct nlmsghdr*)((char*)(message) + NLMSG_STEP(message)))
#define RTA_LENGTH(size) ((size) + sizeof(struct rtattr))
#define RTA_DATA(attribute) ((void*)((char*)(attribute) + sizeof(struct rtattr)))
