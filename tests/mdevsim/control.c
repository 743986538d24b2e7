/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What makes the simulation misbehave on demand: the module's parameters, the control file, the faults; and what it
 * tells: events and the log. */

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "sim.h"

Parameters parameters = {
        .instances = 64,
        .pool = 24,
        .create_delay_ms = 1000,
        .remove_delay_ms = 1000,
        .attr_delay_ms = 1000,
        .refuse_errno = EINVAL,
};

static int log_fd = -1, event_fd = -1;
static size_t short_reads;

/* ---- the log: one line an operation --------------------------------------------------------------------------- */

void sim_escape(FILE *f, const char *data, size_t size) {
        for (size_t i = 0; i < size; i++)
                if (data[i] == '\n')
                        fputs("\\n", f);
                else if (data[i] == '\\')
                        fputs("\\\\", f);
                else if (isascii(data[i]) && isprint(data[i]))
                        fputc(data[i], f);
                else
                        fprintf(f, "\\x%02x", (unsigned char) data[i]);
}

static const char *errno_name(int e) {
        return strerrorname_np(e) ?: "?";
}

/* data is NULL where there is none. The line is one write(2), so that it can be followed. */
void sim_log(const Node *n, const char *verb, const char *data, size_t size, long result) {
        _cleanup_free_ char *path = NULL;
        char *line = NULL;
        size_t used;
        FILE *f;

        if (log_fd < 0)
                return;
        path = node_path(n);
        f = must(open_memstream(&line, &used));
        fprintf(f, "%s /sys%s", verb, path);
        if (data) {
                fputs(" \"", f);
                sim_escape(f, data, size);
                fputc('"', f);
        }
        if (result < 0)
                fprintf(f, " = -%s\n", errno_name((int) -result));
        else
                fprintf(f, " = %ld\n", result);
        fclose(f);
        (void) !write(log_fd, line, used);
        free(line);
}

/* ---- events, into a network namespace of our own ---------------------------------------------------------------- */

/* The kernel takes an event from who owns the namespace and hands it on as its own (lib/kobject_uevent.c:
 * uevent_net_rcv), with a SEQNUM= at the end. */
void sim_event(const char *action, const Node *dir, const char *subsystem, const char *extra) {
        struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
        _cleanup_free_ char *path = NULL;
        _Alignas(struct nlmsghdr) char buf[PATH_MAX * 2 + 256];
        struct nlmsghdr *h = (struct nlmsghdr *) buf;
        int n;

        if (event_fd < 0)
                return;
        path = node_path(dir);
        memset(h, 0, sizeof(*h));
        n = snprintf(buf + NLMSG_HDRLEN, sizeof(buf) - NLMSG_HDRLEN, "%s@%s%cACTION=%s%cDEVPATH=%s%cSUBSYSTEM=%s%c%s%c",
                     action, path, 0, action, 0, path, 0, subsystem, 0, extra ?: "", 0);
        if (!extra)
                n--;
        h->nlmsg_len = (unsigned) (NLMSG_HDRLEN + n);
        h->nlmsg_type = NLMSG_MIN_TYPE;
        h->nlmsg_flags = NLM_F_REQUEST;
        (void) sendto(event_fd, buf, h->nlmsg_len, 0, (struct sockaddr *) &kernel, sizeof(kernel));
}

/* ---- faults ------------------------------------------------------------------------------------------------------ */

/* What to do with the operations that are to come, in order: leave `skip` alone, treat `count` (0: all). */
typedef struct Fault {
        struct Fault *next;
        char *operation; /* create, remove (in the driver), or VERB:FILE */
        int error;
        unsigned delay, skip, count;
} Fault;

typedef struct Vanish {
        struct Vanish *next;
        char uuid[37];
        unsigned operations;
} Vanish;

typedef struct Lie {
        struct Lie *next;
        char *type;
        unsigned available;
} Lie;

static Fault *faults;
static Vanish *vanishes;
static Lie *lies;

/* The next one in line for create_errno gets it, as in the module. */
static int create_refused(void) {
        int r = -(int) (parameters.create_errno > 4095 ? 4095 : parameters.create_errno);

        if (r != 0 && parameters.create_errno_count > 0 && --parameters.create_errno_count == 0)
                parameters.create_errno = 0;
        return r;
}

int fault_apply(const char *verb, const char *name) {
        char operation[300];
        int r = 0;

        (void) snprintf(operation, sizeof(operation), "%s%s%s", verb, name ? ":" : "", name ?: "");
        for (Fault **p = &faults, *f; r == 0 && (f = *p);) {
                unsigned delay = f->delay;

                if (strcmp(f->operation, operation) != 0 || (f->skip > 0 && f->skip--)) {
                        p = &f->next;
                        continue;
                }
                r = -f->error;
                if (f->count == 1) {
                        *p = f->next;
                        free(f->operation);
                        free(f);
                } else {
                        if (f->count > 0)
                                f->count--;
                        p = &f->next;
                }
                if (delay > 0) {
                        sim_sleep(delay);
                        break; /* the list may be another one by now */
                }
        }
        return r == 0 && !name && strcmp(verb, "create") == 0 ? create_refused() : r;
}

size_t fault_limit(size_t size) {
        return short_reads > 0 && size > short_reads ? short_reads : size;
}

unsigned fault_vanish(const char *uuid) {
        for (Vanish **p = &vanishes, *v; (v = *p); p = &v->next)
                if (strcasecmp(v->uuid, uuid) == 0) {
                        unsigned n = v->operations;

                        *p = v->next;
                        free(v);
                        return n;
                }
        return 0;
}

bool fault_lie(const Type *t, unsigned *ret) {
        for (const Lie *l = lies; l; l = l->next)
                if (strcmp(l->type, t->devices->parent->name) == 0) {
                        *ret = l->available;
                        return true;
                }
        return false;
}

static void forget_faults(void) {
        while (faults) {
                Fault *f = faults;

                faults = f->next;
                free(f->operation);
                free(f);
        }
        while (vanishes) {
                Vanish *v = vanishes;

                vanishes = v->next;
                free(v);
        }
        while (lies) {
                Lie *l = lies;

                lies = l->next;
                free(l->type);
                free(l);
        }
        short_reads = 0;
        for (Device *d = devices; d; d = d->next)
                d->vanish = 0;
}

/* ---- commands of the control file -------------------------------------------------------------------------------- */

static int parse_unsigned(const char *s, unsigned *ret) {
        unsigned long n;
        int r = parse_ulong(s, &n);

        if (r >= 0 && n > UINT_MAX)
                r = -ERANGE;
        if (r >= 0)
                *ret = (unsigned) n;
        return r < 0 ? r : 0;
}

#define ERRNO_MAX 133

static int parse_errno(const char *s, unsigned *ret) {
        for (int e = 1; e <= ERRNO_MAX; e++)
                if (strcmp(errno_name(e), s) == 0) {
                        *ret = (unsigned) e;
                        return 0;
                }
        return parse_unsigned(s, ret);
}

/* Those that arrive as they are: see reply_error() in fs.c */
static int errnos_show(_unused_ Node *n, FILE *f) {
        for (int e = 1; e <= ERRNO_MAX; e++)
                if (strerrorname_np(e) && e != ENOSYS)
                        fprintf(f, "%s\n", errno_name(e));
        return 0;
}

/* OPERATION ERRNO|MS [COUNT [SKIP]] */
static int add_fault(char *args[], unsigned n, bool is_delay) {
        unsigned value, count = 1, skip = 0;
        Fault **end = &faults, *f;

        if (n < 2 || n > 4 || (is_delay ? parse_unsigned(args[1], &value) : parse_errno(args[1], &value)) < 0 ||
            (n > 2 && parse_unsigned(args[2], &count) < 0) || (n > 3 && parse_unsigned(args[3], &skip) < 0))
                return -EINVAL;
        f = must(calloc(1, sizeof(*f)));
        f->operation = must(strdup(args[0]));
        f->count = count;
        f->skip = skip;
        if (is_delay)
                f->delay = value;
        else
                f->error = (int) value;
        while (*end)
                end = &(*end)->next;
        *end = f;
        return 0;
}

static int do_fail(char *args[], unsigned n) {
        return add_fault(args, n, false);
}

static int do_delay(char *args[], unsigned n) {
        return add_fault(args, n, true);
}

static int do_vanish(char *args[], unsigned n) {
        unsigned operations = 0;
        Device *d;
        Vanish *v;

        if (n < 1 || n > 2 || strlen(args[0]) != 36 || (n > 1 && parse_unsigned(args[1], &operations) < 0))
                return -EINVAL;
        d = device_search(args[0]);
        if (d && operations == 0)
                return device_vanish(d);
        if (d)
                d->vanish = operations;
        if (d || operations == 0)
                return d ? 0 : -ENODEV;
        v = must(calloc(1, sizeof(*v)));
        strcpy(v->uuid, args[0]);
        v->operations = operations;
        v->next = vanishes;
        vanishes = v;
        return 0;
}

static int do_lie(char *args[], unsigned n) {
        unsigned available;
        Lie *l;

        if (n != 2 || parse_unsigned(args[1], &available) < 0)
                return -EINVAL;
        l = must(calloc(1, sizeof(*l)));
        l->type = must(strdup(args[0]));
        l->available = available;
        l->next = lies;
        lies = l;
        return 0;
}

static int do_short(char *args[], unsigned n) {
        unsigned size;

        if (n != 1 || parse_unsigned(args[0], &size) < 0)
                return -EINVAL;
        short_reads = size;
        return 0;
}

static int do_hold(char *args[], unsigned n) {
        Device *d = n == 1 ? device_search(args[0]) : NULL;

        if (!d || d->index == INDEX_NONE)
                return -ENODEV;
        d->holders++;
        return 0;
}

static int do_release(char *args[], unsigned n) {
        Device *d = n == 1 ? device_search(args[0]) : NULL;

        if (!d || d->holders == 0)
                return -ENODEV;
        d->holders--;
        sim_wake();
        return 0;
}

static int add_parent(char *s) {
        const char *colon = strchr(s, ':');
        const Driver *d = colon ? driver_search(s, (size_t) (colon - s)) : NULL;

        return d ? parent_add(d, colon + 1) : -EINVAL;
}

static int do_add(char *args[], unsigned n) {
        return n == 1 ? add_parent(args[0]) : -EINVAL;
}

static int do_del(char *args[], unsigned n) {
        return n == 1 ? parent_del(args[0]) : -EINVAL;
}

static int do_register(char *args[], unsigned n) {
        return n == 1 ? parent_register(args[0]) : -EINVAL;
}

static int do_unregister(char *args[], unsigned n) {
        return n == 1 ? parent_unregister(args[0]) : -EINVAL;
}

static int do_flap(char *args[], unsigned n) {
        return n == 1 ? parent_flap(args[0]) : -EINVAL;
}

static int do_reset(_unused_ char *args[], unsigned n) {
        if (n > 0)
                return -EINVAL;
        forget_faults();
        return 0;
}

int control_run(const char *line) {
        static const struct {
                const char *name;
                int (*act)(char *args[], unsigned n);
        } commands[] = {
                { "fail", do_fail },         { "delay", do_delay },           { "vanish", do_vanish },
                { "lie", do_lie },           { "short", do_short },           { "hold", do_hold },
                { "release", do_release },   { "add", do_add },               { "del", do_del },
                { "register", do_register }, { "unregister", do_unregister }, { "flap", do_flap },
                { "reset", do_reset },
        };
        _cleanup_free_ char *copy = must(strdup(line));
        char *rest = copy, *words[6], *word;
        unsigned n = 0;

        while ((word = strsep(&rest, " \t")))
                if (*word && n < ELEMENTSOF(words))
                        words[n++] = word;
        if (n == 0 || words[0][0] == '#')
                return 0;
        for (size_t i = 0; i < ELEMENTSOF(commands); i++)
                if (strcmp(words[0], commands[i].name) == 0)
                        return commands[i].act(words + 1, n - 1);
        return -EINVAL;
}

static int control_store(_unused_ Node *n, const char *data, _unused_ size_t size) {
        _cleanup_free_ char *copy = must(strdup(data));
        char *rest = copy, *line;
        int r = 0;

        while (r >= 0 && (line = strsep(&rest, "\n")))
                r = control_run(line);
        return r;
}

/* ---- /sys/module/mdev_test/parameters, as the module has them ---------------------------------------------------- */

static int knob_add(const char *s) {
        return parent_add(driver_search("test", 4), s);
}

static int knob_add_ap(const char *s) {
        return parent_add(driver_search("ap", 2), s);
}

typedef struct Parameter {
        const char *name;
        unsigned *number;            /* it is this */
        int (*act)(const char *arg); /* or a knob */
} Parameter;

static int reserved_set(const char *arg);

static const Parameter table[] = {
        { "instances", &parameters.instances, NULL },
        { "pool", &parameters.pool, NULL },
        { "create_delay_ms", &parameters.create_delay_ms, NULL },
        { "remove_delay_ms", &parameters.remove_delay_ms, NULL },
        { "attr_delay_ms", &parameters.attr_delay_ms, NULL },
        { "refuse_errno", &parameters.refuse_errno, NULL },
        { "create_errno", &parameters.create_errno, NULL },
        { "create_errno_count", &parameters.create_errno_count, NULL },
        { "reserved", NULL, reserved_set },
        { "add", NULL, knob_add },
        { "add_ap", NULL, knob_add_ap },
        { "del", NULL, parent_del },
        { "register", NULL, parent_register },
        { "unregister", NULL, parent_unregister },
        { "flap", NULL, parent_flap },
};

/* "3,5-7" */
static int reserved_set(const char *arg) {
        _cleanup_free_ char *copy = must(strdup(arg));
        char *rest = copy, *item, *end;
        bool new[MASK_BITS] = {};

        while ((item = strsep(&rest, ",\n"))) {
                unsigned long first, last;

                if (!*item)
                        continue;
                first = last = strtoul(item, &end, 10);
                if (*end == '-')
                        last = strtoul(end + 1, &end, 10);
                if (*end || last < first || last >= MASK_BITS)
                        return -EINVAL;
                for (; first <= last; first++)
                        new[first] = true;
        }
        memcpy(parameters.reserved, new, sizeof(new));
        free(parameters.reserved_text);
        parameters.reserved_text = must(strndup(arg, strcspn(arg, "\n")));
        return 0;
}

static int parameter_store(Node *n, const char *data, _unused_ size_t size) {
        const Parameter *p = n->data;
        _cleanup_free_ char *arg = must(strndup(data, strcspn(data, "\n")));

        return p->number ? parse_unsigned(data, p->number) : p->act(arg);
}

static int parameter_show(Node *n, FILE *f) {
        const Parameter *p = n->data;

        if (p->number)
                fprintf(f, "%u\n", *p->number);
        else
                fprintf(f, "%s\n", parameters.reserved_text ?: "");
        return 0;
}

static const FileOps parameter_ops = { parameter_show, parameter_store }, knob_ops = { NULL, parameter_store },
                     control_ops = { NULL, control_store }, errnos_ops = { errnos_show, NULL };

int control_parameter(const char *assignment) {
        size_t size = strcspn(assignment, "=");

        for (size_t i = 0; assignment[size] && i < ELEMENTSOF(table); i++)
                if (strlen(table[i].name) == size && memcmp(table[i].name, assignment, size) == 0)
                        return table[i].number ? parse_unsigned(assignment + size + 1, table[i].number)
                                               : table[i].act(assignment + size + 1);
        return -EINVAL;
}

int control_parents(const char *list) {
        _cleanup_free_ char *copy = must(strdup(list));
        char *rest = copy, *item;
        int r = 0;

        while (r >= 0 && (item = strsep(&rest, ",")))
                if (*item)
                        r = add_parent(item);
        return r;
}

void control_init(int fd, bool events) {
        Node *dir = node_dirs("module/mdev_test/parameters");

        log_fd = fd;
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                bool knob = !table[i].number && table[i].act != reserved_set;

                node_file(dir, table[i].name, knob ? 0200 : 0644, knob ? &knob_ops : &parameter_ops,
                          (void *) (uintptr_t) &table[i]);
        }
        node_file(node_dirs("mdevsim"), "control", 0200, &control_ops, NULL);
        node_file(node_dirs("mdevsim"), "errnos", 0444, &errnos_ops, NULL);
        if (events)
                event_fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
}
