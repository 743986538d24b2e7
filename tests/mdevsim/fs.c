/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* mdevsim: mounts the simulated kernel (see README), and runs a command over it. */

#define FUSE_USE_VERSION 312

#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <getopt.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "sim.h"

#define PAGE 4096U

/* ---- the one lock ------------------------------------------------------------------------------------------------ */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

void sim_lock(void) {
        pthread_mutex_lock(&mutex);
}

void sim_unlock(void) {
        pthread_mutex_unlock(&mutex);
}

void sim_wait(void) {
        pthread_cond_wait(&changed, &mutex);
}

void sim_wake(void) {
        pthread_cond_broadcast(&changed);
}

void sim_sleep(unsigned ms) {
        struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = (long) (ms % 1000) * 1000000 };

        sim_unlock();
        while (nanosleep(&ts, &ts) < 0 && errno == EINTR)
                ;
        sim_lock();
}

void *must(void *p) {
        if (!p) {
                fprintf(stderr, "mdevsim: out of memory\n");
                abort();
        }
        return p;
}

/* ---- inodes ------------------------------------------------------------------------------------------------------ */

/* A directory or link has one FUSE inode. A file gets one at each lookup: FUSE writes to one inode one after the
 * other, and in the kernel two writes to `create` do not wait for each other. Not so /dev/vfio/N, whose name would
 * get lost to /proc/PID/fd with the next lookup. */
typedef struct Inode {
        Node *node;
        uint64_t lookups;
} Inode;

static Inode root_inode;

static Inode *to_inode(fuse_ino_t ino) {
        return ino == FUSE_ROOT_ID ? &root_inode : (Inode *) (uintptr_t) ino;
}

static Node *to_node(fuse_ino_t ino) {
        return to_inode(ino)->node;
}

static bool is_group(const Node *n) {
        return n->device && n == n->device->vfio_node;
}

static Inode *inode_get(Node *n) {
        Inode *i = n->inode;

        if (!i) {
                i = must(calloc(1, sizeof(*i)));
                i->node = node_ref(n);
                if (!S_ISREG(n->mode) || is_group(n))
                        n->inode = i;
        }
        i->lookups++;
        return i;
}

static void inode_put(Inode *i, uint64_t lookups) {
        if (i == &root_inode || (i->lookups -= lookups) > 0)
                return;
        if (i->node->inode == i)
                i->node->inode = NULL;
        node_unref(i->node);
        free(i);
}

static void fill_attr(const Node *n, struct stat *st) {
        *st = (struct stat) { .st_ino = n->ino, .st_mode = n->mode, .st_nlink = S_ISDIR(n->mode) ? 2 : 1 };
        if (S_ISDIR(n->mode)) {
                for (const Node *c = n->first; c; c = c->next)
                        st->st_nlink += S_ISDIR(c->mode) ? 1 : 0;
        } else if (S_ISREG(n->mode) && !n->unlimited)
                st->st_size = PAGE;
        clock_gettime(CLOCK_REALTIME, &st->st_ctim);
        st->st_atim = st->st_mtim = st->st_ctim;
}

/* FUSE drops an answer with an errno of the kernel's own (512 and up), and whoever asked would wait for ever. It takes
 * ENOSYS of open() to mean that files need not be opened, and never asks again. */
static void reply_error(fuse_req_t req, int r) {
        fuse_reply_err(req, r > -512 && r != -ENOSYS ? -r : EIO);
}

/* ---- operations -------------------------------------------------------------------------------------------------- */

typedef struct Handle {
        char *text; /* what a read from the start has shown */
        size_t size;
        Device *group; /* opened as /dev/vfio/N */
        bool holds;    /* and its device got from it */
} Handle;

/* An operation on n is about to happen, which may be what a fault was waiting for. Returns 0, error if the node is
 * gone, or the fault's error. */
static int begin(Node *n, const char *verb, int error) {
        char name[256];
        int r;

        device_touch(n->device);
        if (n->gone)
                return error;
        n->active++;
        r = fault_apply(verb, node_file_name(n, name));
        n->active--;
        sim_wake();
        return r;
}

static void op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name) {
        struct fuse_entry_param e = {};
        Node *n;
        int r;

        sim_lock();
        n = node_child(to_node(parent), name);
        r = n ? begin(node_ref(n), "lookup", -ENOENT) : -ENOENT;
        if (r >= 0) {
                Inode *i = inode_get(n);

                e.ino = (uintptr_t) i;
                fill_attr(n, &e.attr);
        }
        node_unref(n);
        sim_unlock();
        if (r < 0)
                reply_error(req, r);
        else if (fuse_reply_entry(req, &e) < 0) {
                sim_lock();
                inode_put(to_inode(e.ino), 1);
                sim_unlock();
        }
}

static void op_forget(fuse_req_t req, fuse_ino_t ino, uint64_t lookups) {
        sim_lock();
        inode_put(to_inode(ino), lookups);
        sim_unlock();
        fuse_reply_none(req);
}

static void op_getattr(fuse_req_t req, fuse_ino_t ino, _unused_ struct fuse_file_info *fi) {
        struct stat st;

        sim_lock();
        fill_attr(to_node(ino), &st);
        sim_unlock();
        fuse_reply_attr(req, &st, 0);
}

/* open(2) with O_TRUNC comes here */
static void op_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attr, int which, struct fuse_file_info *fi) {
        sim_lock();
        if (which & FUSE_SET_ATTR_MODE)
                to_node(ino)->mode = (to_node(ino)->mode & S_IFMT) | (attr->st_mode & 07777);
        sim_unlock();
        op_getattr(req, ino, fi);
}

static void op_readlink(fuse_req_t req, fuse_ino_t ino) {
        _cleanup_free_ char *target = NULL;
        Node *n = to_node(ino);
        int r;

        sim_lock();
        r = begin(n, "readlink", -ENOENT);
        if (r >= 0)
                target = must(strdup(n->target));
        sim_log(n, "readlink", target, target ? strlen(target) : 0, r);
        sim_unlock();
        if (r < 0)
                reply_error(req, r);
        else
                fuse_reply_readlink(req, target);
}

/* kernfs_fop_open(): even root may only what the file can do */
static int open_node(Node *n, int flags, Handle *h) {
        bool reads = (flags & O_ACCMODE) != O_WRONLY, writes = (flags & O_ACCMODE) != O_RDONLY;
        int r;

        r = begin(n, "open", -ENODEV);
        if (r < 0)
                return r;
        if ((reads && (!(n->mode & 0444) || !n->ops->show)) || (writes && (!(n->mode & 0222) || !n->ops->store)))
                return -EACCES;
        if (is_group(n)) {
                if (n->device->group_open)
                        return -EBUSY;
                n->device->group_open = true;
                n->device->refs++;
                h->group = n->device;
        }
        return 0;
}

static void op_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi) {
        Handle *h = must(calloc(1, sizeof(*h)));
        Node *n = to_node(ino);
        int r;

        sim_lock();
        r = open_node(n, fi->flags, h);
        sim_log(n, "open", NULL, 0, r);
        sim_unlock();
        if (r < 0) {
                free(h);
                reply_error(req, r);
                return;
        }
        fi->fh = (uintptr_t) h;
        fi->direct_io = 1;
        fuse_reply_open(req, fi);
}

static void op_release(fuse_req_t req, _unused_ fuse_ino_t ino, struct fuse_file_info *fi) {
        Handle *h = (Handle *) (uintptr_t) fi->fh;

        sim_lock();
        if (h->group) {
                h->group->group_open = false;
                if (h->holds)
                        h->group->holders--;
                device_unref(h->group);
                sim_wake();
        }
        sim_unlock();
        free(h->text);
        free(h);
        fuse_reply_err(req, 0);
}

/* The text as a whole is made by a read from the start; a page is all that sysfs has for it. */
static int show(Node *n, Handle *h) {
        int r;
        FILE *f;

        free(STEAL_PTR(h->text));
        f = must(open_memstream(&h->text, &h->size));
        n->active++;
        r = n->ops->show(n, f);
        n->active--;
        sim_wake();
        fclose(f);
        must(h->text);
        if (h->size >= PAGE && !n->unlimited)
                h->size = PAGE - 1;
        return r;
}

static void op_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off, struct fuse_file_info *fi) {
        Handle *h = (Handle *) (uintptr_t) fi->fh;
        _cleanup_free_ char *part = NULL;
        size_t start = (size_t) off, n = 0;
        Node *node = to_node(ino);
        int r;

        sim_lock();
        r = begin(node, "read", -ENODEV);
        if (r >= 0 && (off == 0 || !h->text))
                r = show(node, h);
        if (r >= 0 && start < h->size) {
                n = fault_limit(size < h->size - start ? size : h->size - start);
                part = must(malloc(n)); /* the handle may be read again meanwhile */
                memcpy(part, h->text + start, n);
        }
        sim_log(node, "read", part, n, r < 0 ? r : (long) n);
        sim_unlock();
        if (r < 0)
                reply_error(req, r);
        else
                fuse_reply_buf(req, part, n);
}

static int store(Node *n, const char *data, size_t size) {
        char *copy = must(malloc(size + 1)), name[256];
        int r;

        memcpy(copy, data, size);
        copy[size] = '\0';

        device_touch(n->device);
        r = n->gone ? -ENODEV : 0;
        if (r >= 0) {
                n->active++;
                r = fault_apply("write", node_file_name(n, name));
                if (r >= 0)
                        r = n->ops->store(n, copy, size);
                n->active--;
                sim_wake();
        }
        free(copy);
        return r;
}

/* A write that is longer than a page is cut; one of no bytes does not come here, and succeeds. */
static void op_write(fuse_req_t req, fuse_ino_t ino, const char *data, size_t size, _unused_ off_t off,
                     struct fuse_file_info *fi) {
        Handle *h = (Handle *) (uintptr_t) fi->fh;
        Node *n = to_node(ino);
        int r;

        if (size > PAGE)
                size = PAGE;
        sim_lock();
        r = store(n, data, size);
        if (r >= 0 && h->group && !h->holds) {
                h->holds = true;
                h->group->holders++;
        }
        sim_log(n, "write", data, size, r < 0 ? r : (long) size);
        sim_unlock();
        if (r < 0)
                reply_error(req, r);
        else
                fuse_reply_write(req, size);
}

/* ---- directories ------------------------------------------------------------------------------------------------- */

typedef struct Listing {
        struct {
                char *name;
                struct stat st;
        } *items;
        size_t n;
} Listing;

static void add_item(Listing *l, const char *name, const Node *n) {
        l->items = must(reallocarray(l->items, l->n + 1, sizeof(*l->items)));
        l->items[l->n].name = must(strdup(name));
        l->items[l->n++].st = (struct stat) { .st_ino = n->ino, .st_mode = n->mode };
}

static void op_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi) {
        Listing *l = must(calloc(1, sizeof(*l)));
        Node *dir = to_node(ino);
        int r;

        sim_lock();
        r = begin(dir, "list", 0);
        if (r >= 0) {
                add_item(l, ".", dir);
                add_item(l, "..", dir->parent ?: dir);
                /* one that is gone can be listed by who has it open, and is empty */
                for (const Node *c = dir->gone ? NULL : dir->first; c; c = c->next)
                        add_item(l, c->name, c);
        }
        sim_log(dir, "list", NULL, 0, r);
        sim_unlock();
        if (r < 0) {
                free(l);
                reply_error(req, r);
                return;
        }
        fi->fh = (uintptr_t) l;
        fuse_reply_open(req, fi);
}

static void op_readdir(fuse_req_t req, _unused_ fuse_ino_t ino, size_t size, off_t off, struct fuse_file_info *fi) {
        const Listing *l = (const Listing *) (uintptr_t) fi->fh;
        char *buf = must(malloc(size));
        size_t used = 0;

        for (size_t i = (size_t) off; i < l->n; i++) {
                size_t n = fuse_add_direntry(req, buf + used, size - used, l->items[i].name, &l->items[i].st,
                                             (off_t) i + 1);
                if (n > size - used)
                        break;
                used += n;
        }
        fuse_reply_buf(req, buf, used);
        free(buf);
}

static void op_releasedir(fuse_req_t req, _unused_ fuse_ino_t ino, struct fuse_file_info *fi) {
        Listing *l = (Listing *) (uintptr_t) fi->fh;

        for (size_t i = 0; i < l->n; i++)
                free(l->items[i].name);
        free(l->items);
        free(l);
        fuse_reply_err(req, 0);
}

/* ---- what nobody can do in sysfs --------------------------------------------------------------------------------- */

static void op_create(fuse_req_t req, _unused_ fuse_ino_t parent, _unused_ const char *name, _unused_ mode_t mode,
                      _unused_ struct fuse_file_info *fi) {
        fuse_reply_err(req, EACCES);
}

static void op_mkdir(fuse_req_t req, _unused_ fuse_ino_t parent, _unused_ const char *name, _unused_ mode_t mode) {
        fuse_reply_err(req, EPERM);
}

static void op_unlink(fuse_req_t req, _unused_ fuse_ino_t parent, _unused_ const char *name) {
        fuse_reply_err(req, EPERM);
}

static void op_symlink(fuse_req_t req, _unused_ const char *target, _unused_ fuse_ino_t parent,
                       _unused_ const char *name) {
        fuse_reply_err(req, EPERM);
}

static void op_rename(fuse_req_t req, _unused_ fuse_ino_t parent, _unused_ const char *name,
                      _unused_ fuse_ino_t new_parent, _unused_ const char *new_name, _unused_ unsigned flags) {
        fuse_reply_err(req, EPERM);
}

static const struct fuse_lowlevel_ops ops = {
        .lookup = op_lookup,
        .forget = op_forget,
        .getattr = op_getattr,
        .setattr = op_setattr,
        .readlink = op_readlink,
        .open = op_open,
        .release = op_release,
        .read = op_read,
        .write = op_write,
        .opendir = op_opendir,
        .readdir = op_readdir,
        .releasedir = op_releasedir,
        .create = op_create,
        .mkdir = op_mkdir,
        .unlink = op_unlink,
        .rmdir = op_unlink,
        .symlink = op_symlink,
        .rename = op_rename,
};

/* ---- the program ------------------------------------------------------------------------------------------------- */

#define DEFAULT_PARENTS "mtty:mtty,test:tparent0,ap:matrix,gvt:0000:00:02.0"

static int help(void) {
        printf("Usage: %s [OPTION]... DIRECTORY [COMMAND [ARGUMENT]...]\n"
               "Mount a simulated kernel with mediated devices on DIRECTORY, run COMMAND, end with it.\n\n"
               "  --parents=KIND:NAME,...  parents to start with; kinds: test, ap, mtty, gvt\n"
               "                           (default: " DEFAULT_PARENTS ")\n"
               "  --set=NAME=VALUE         a parameter, as in module/mdev_test/parameters; before the parents\n"
               "  --log=FILE               add a line for each operation\n"
               "  --events                 send kernel events; for a network namespace of one's own\n"
               "  --processes              give COMMAND a PID namespace; for a mount namespace of one's own\n"
               "  --help\n", program_invocation_short_name);
        return 0;
}

/* What COMMAND runs with --processes: a PID namespace, and a /proc that shows it. We stay outside, because a process that
 * waits for an answer of ours cannot be killed, and the first process of a namespace cannot end before all others have. */
typedef struct Namespace {
        char **argv;
        int result; /* the write end of a pipe: COMMAND's status */
} Namespace;

static volatile sig_atomic_t command_pid;

static void pass_on(int signal_number) {
        (void) kill((pid_t) command_pid, signal_number);
}

static void exec_command(char *argv[]) {
        (void) signal(SIGINT, SIG_DFL);
        (void) signal(SIGQUIT, SIG_DFL);
        (void) execvp(argv[0], argv);
        fprintf(stderr, "mdevsim: %s: %s\n", argv[0], strerror(errno));
        _exit(127);
}

static int to_exit_status(int status) {
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The first process of the namespace: mounts /proc, starts COMMAND, and reaps orphans. With it all end.
 * COMMAND is another process, because signals without a handler do not reach the first one. */
static int run_first_process(void *arg) {
        const Namespace *n = arg;
        int status;
        pid_t pid;

        (void) prctl(PR_SET_PDEATHSIG, SIGHUP);
        if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0) {
                fprintf(stderr, "mdevsim: cannot mount /proc: %s\n", strerror(errno));
                return 125;
        }
        command_pid = pid = _Fork(); /* one that needs no lock of another thread */
        if (pid < 0)
                return 125;
        if (pid == 0)
                exec_command(n->argv);
        (void) signal(SIGHUP, pass_on);
        for (pid_t ended = 0; ended != pid;) {
                ended = wait(&status);
                if (ended < 0 && errno != EINTR)
                        return 125;
        }
        status = to_exit_status(status);
        (void) !write(n->result, &status, sizeof(status));
        return 0;
}

/* Returns when COMMAND has ended; and all others, unless one of them waits for an answer of ours. */
static int run_in_namespace(char *argv[]) {
        static char stack[256 * 1024] __attribute__((aligned(16)));
        struct pollfd end = { .events = POLLIN };
        int fds[2], status = 125;
        Namespace n = { .argv = argv };
        pid_t pid;

        if (pipe2(fds, O_CLOEXEC) < 0)
                return 125;
        n.result = fds[1];
        pid = clone(run_first_process, stack + sizeof(stack), CLONE_NEWPID | SIGCHLD, &n);
        if (pid < 0) {
                fprintf(stderr, "mdevsim: no PID namespace: %s\n", strerror(errno));
                return 125;
        }
        close(fds[1]);
        while (read(fds[0], &status, sizeof(status)) < 0 && errno == EINTR)
                ;
        end.fd = pidfd_open(pid, 0);
        if (poll(&end, 1, 500) > 0)
                (void) waitpid(pid, NULL, 0);
        return status;
}

static int run_command(char *argv[]) {
        int status = 0;
        pid_t pid;

        pid = fork();
        if (pid < 0)
                return 125;
        if (pid == 0) {
                (void) prctl(PR_SET_PDEATHSIG, SIGHUP);
                exec_command(argv);
        }
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return 125;
        return to_exit_status(status);
}

/* Each operation that blocks has a thread of its own. */
static void *serve(void *session) {
        struct fuse_loop_config *config = must(fuse_loop_cfg_create());

        fuse_loop_cfg_set_max_threads(config, 2000);
        fuse_loop_cfg_set_idle_threads(config, 16);
        (void) fuse_session_loop_mt(session, config);
        fuse_loop_cfg_destroy(config);
        return NULL;
}

static int mount_and_run(const char *mountpoint, char *command[], bool namespace) {
        static char program[] = "mdevsim", option[] = "-o",
                    options[] = "allow_other,default_permissions,fsname=mdevsim,subtype=mdevsim";
        char *argv[] = { program, option, options, NULL };
        struct fuse_args args = FUSE_ARGS_INIT(3, argv);
        struct fuse_session *session;
        int status = 0, signal_number;
        sigset_t end;
        pthread_t t;

        session = fuse_session_new(&args, &ops, sizeof(ops), NULL);
        fuse_opt_free_args(&args);
        if (!session || fuse_session_mount(session, mountpoint) != 0)
                return 125;
        sigemptyset(&end);
        sigaddset(&end, SIGTERM);
        sigaddset(&end, SIGINT);
        if (!command[0])
                (void) pthread_sigmask(SIG_BLOCK, &end, NULL);
        if (pthread_create(&t, NULL, serve, session) != 0)
                return 125;
        if (command[0]) {
                /* Ctrl-C is for the command */
                (void) signal(SIGINT, SIG_IGN);
                (void) signal(SIGQUIT, SIG_IGN);
                status = namespace ? run_in_namespace(command) : run_command(command);
        } else
                (void) sigwait(&end, &signal_number);
        /* with the connection, all that still blocks ends */
        fuse_session_unmount(session);
        return status;
}

int main(int argc, char *argv[]) {
        static const struct option long_options[] = {
                { "parents", required_argument, NULL, 'p' }, { "set", required_argument, NULL, 's' },
                { "log", required_argument, NULL, 'l' },     { "events", no_argument, NULL, 'e' },
                { "processes", no_argument, NULL, 'P' },     { "help", no_argument, NULL, 'h' },
                {},
        };
        const char *list = DEFAULT_PARENTS, *log = NULL;
        bool events = false, namespace = false;
        int c, r = 0, fd = -1;

        while ((c = getopt_long(argc, argv, "+h", long_options, NULL)) >= 0)
                switch (c) {
                case 'p':
                        list = optarg;
                        break;
                case 's':
                        r = control_parameter(optarg);
                        if (r < 0) {
                                fprintf(stderr, "mdevsim: --set=%s: %s\n", optarg, strerror(-r));
                                return 2;
                        }
                        break;
                case 'l':
                        log = optarg;
                        break;
                case 'e':
                        events = true;
                        break;
                case 'P':
                        namespace = true;
                        break;
                case 'h':
                        return help();
                default:
                        return 2;
                }
        if (optind == argc) {
                fprintf(stderr, "mdevsim: where? Give a directory (--help)\n");
                return 2;
        }
        if (log && (fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) < 0) {
                fprintf(stderr, "mdevsim: %s: %s\n", log, strerror(errno));
                return 125;
        }
        model_init();
        control_init(fd, events);
        r = control_parents(list);
        if (r < 0) {
                fprintf(stderr, "mdevsim: --parents=%s: %s\n", list, strerror(-r));
                return 2;
        }
        root_inode.node = root;
        _exit(mount_and_run(argv[optind], argv + optind + 1, namespace));
}
