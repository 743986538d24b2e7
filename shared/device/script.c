/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device/script.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "definition/defaults.h"
#include "base/file.h"

/* Bytes of a script's output that are kept. */
#define OUTPUT_MAX (256U * 1024U)

static const char *const script_dirs[] = { "/usr/lib/mdevctl/scripts.d", "/etc/mdevctl.d/scripts.d" };

/* ---- finding scripts ------------------------------------------------------------------------------- */

static int is_entry(const struct dirent *e) {
        return strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
}

static int by_name(const struct dirent **a, const struct dirent **b) {
        return strcmp((*a)->d_name, (*b)->d_name);
}

static int list_dir(StringList *list, const char *scripts, const char *kind, Failure *f) {
        _cleanup_free_ char *dir = NULL;
        _cleanup_close_ int fd = -EBADF;
        struct dirent **entries = NULL;
        int n, r = 0;

        if (asprintf(&dir, "%s/%s", scripts, kind) < 0)
                return -ENOMEM;
        fd = file_open_dir(AT_FDCWD, dir);
        if (fd == -ENOENT)
                return 0;
        if (fd < 0)
                return failure_at_file(f, STATUS_CALLOUT, fd, FAILURE_UNTRUSTED_SCRIPT, "%s", dir);
        n = scandirat(fd, ".", &entries, is_entry, by_name);
        for (int i = 0; i < n; i++) {
                _cleanup_free_ char *path = NULL;

                if (r >= 0)
                        r = asprintf(&path, "%s/%s", dir, entries[i]->d_name) < 0 ? -ENOMEM
                                                                                  : string_list_add(list, path);
                free(entries[i]);
        }
        free(entries);
        return n < 0 ? -ENOMEM : r;
}

int script_list(const char *kind, StringList *list, Failure *f) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(script_dirs); i++)
                r = list_dir(list, script_dirs[i], kind, f);
        return r;
}

bool script_exists(void) {
        static bool looked, found;

        for (size_t i = 0; !looked && !found && i < ELEMENTSOF(script_dirs); i++) {
                _cleanup_close_ int fd = open(script_dirs[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
                _cleanup_(string_list_done) StringList list = {};

                found = fd >= 0 && (list_dir(&list, script_dirs[i], "callouts", NULL) < 0 ||
                                    list_dir(&list, script_dirs[i], "notifiers", NULL) < 0 || list.n > 0);
        }
        looked = true;
        return found;
}

bool script_is_trusted(const char *path) {
        struct stat st;

        if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) || (st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0)
                return true;
        return (st.st_uid == 0 || st.st_uid == geteuid()) && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* ---- running a script ----------------------------------------------------------------------------------- */

void script_run_done(ScriptRun *run) {
        free(run->out.text);
        free(run->err.text);
        *run = (ScriptRun) {};
}

static unsigned timeout_seconds(void) {
        static unsigned seconds;
        static bool known;
        Defaults defaults;

        if (!known && defaults_load(&defaults) >= 0) {
                seconds = defaults.callout_timeout;
                known = true;
                defaults_done(&defaults);
        }
        return known ? seconds : 60;
}

/* Reads what is there. Returns 1 if there may be more, 0 at the end. */
static int read_some(int fd, Output *o) {
        char buf[4096], *text;
        ssize_t n = read(fd, buf, sizeof(buf));

        if (n < 0)
                return errno == EAGAIN || errno == EINTR;
        if (n == 0)
                return 0;
        if (o->size + (size_t) n > OUTPUT_MAX || !(text = realloc(o->text, o->size + (size_t) n + 1)))
                return 1;
        memcpy(text + o->size, buf, (size_t) n);
        o->text = text;
        o->size += (size_t) n;
        text[o->size] = '\0';
        return 1;
}

/* Collects output until the script ends or the deadline passes; a process that the script left in the background is
 * not waited for. Returns true if the script ended. */
static bool collect_output(int pidfd, int out, int err, uint64_t deadline, ScriptRun *run) {
        struct pollfd p[] = { { .fd = pidfd, .events = POLLIN }, { .fd = out, .events = POLLIN },
                              { .fd = err, .events = POLLIN } };
        Output *const outputs[] = { NULL, &run->out, &run->err };

        for (;;) {
                uint64_t now = clock_now();
                bool ended;

                if (now >= deadline)
                        return false;
                if (poll(p, ELEMENTSOF(p), deadline - now > 60000 ? 60000 : (int) (deadline - now)) < 0) {
                        if (errno != EINTR)
                                return false;
                        continue;
                }
                ended = p[0].revents != 0;
                for (size_t i = 1; i < ELEMENTSOF(p); i++)
                        if (p[i].revents && !read_some(p[i].fd, outputs[i]))
                                p[i].fd = -1;
                        else if (p[i].revents & POLLIN)
                                ended = false; /* read the rest of the output first */
                if (ended)
                        return true;
        }
}

static int make_stdin(const char *text) {
        /* a file: a script that does not read it would block us if this were a pipe */
        _cleanup_close_ int fd = text ? memfd_create("callout", MFD_CLOEXEC) : open("/dev/null", O_RDONLY | O_CLOEXEC);

        if (fd < 0)
                return -errno;
        if (text && (write(fd, text, strlen(text)) != (ssize_t) strlen(text) || lseek(fd, 0, SEEK_SET) < 0))
                return -EIO;
        return steal_fd(&fd);
}

static int make_pipe(int *ret_read, int *ret_write) {
        int p[2];

        if (pipe2(p, O_CLOEXEC) < 0)
                return -errno;
        /* there may still be output when the script has ended */
        (void) fcntl(p[0], F_SETFL, O_NONBLOCK);
        *ret_read = p[0];
        *ret_write = p[1];
        return 0;
}

/* Starts the script. Its output can be read from *ret_out and *ret_err. */
static int spawn_script(const char *const *argv, const char *text, int *ret_out, int *ret_err, pid_t *ret) {
        _cleanup_close_ int in = make_stdin(text), out = -EBADF, err = -EBADF;
        posix_spawn_file_actions_t files;
        posix_spawnattr_t attr;
        sigset_t none, defaults;
        int r;

        r = in < 0 ? in : make_pipe(ret_out, &out);
        if (r >= 0)
                r = make_pipe(ret_err, &err);
        if (r < 0)
                return r;
        sigemptyset(&none);
        sigemptyset(&defaults);
        sigaddset(&defaults, SIGPIPE);
        sigaddset(&defaults, SIGCHLD);
        posix_spawn_file_actions_init(&files);
        posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&files, err, STDERR_FILENO);
        posix_spawnattr_init(&attr);
        posix_spawnattr_setsigmask(&attr, &none);
        posix_spawnattr_setsigdefault(&attr, &defaults);
        /* a group of its own, so that its children are killed with it, and Ctrl-C at a terminal reaches only us */
        posix_spawnattr_setpgroup(&attr, 0);
        posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
        r = -posix_spawn(ret, argv[0], &files, &attr, (char *const *) argv, environ);
        posix_spawnattr_destroy(&attr);
        posix_spawn_file_actions_destroy(&files);
        return r == -EACCES || r == -ENOENT ? -ENOEXEC : r;
}

static void wait_for_end(pid_t pid, ScriptRun *run) {
        int status, r;

        do
                r = waitpid(pid, &status, 0);
        while (r < 0 && errno == EINTR);
        if (r < 0 || run->seconds > 0)
                return;
        if (WIFEXITED(status))
                run->exit_status = WEXITSTATUS(status);
        else
                run->signal = WTERMSIG(status);
}

int script_run(const char *const *argv, const char *text, uint64_t deadline, ScriptRun *ret) {
        _cleanup_close_ int out = -EBADF, err = -EBADF, pidfd = -EBADF;
        _cleanup_(script_run_done) ScriptRun run = { .exit_status = -1 };
        pid_t pid;
        int r;

        r = spawn_script(argv, text, &out, &err, &pid);
        if (r < 0)
                return r;
        pidfd = pidfd_open(pid, 0);
        if (pidfd < 0 || !collect_output(pidfd, out, err, deadline, &run)) {
                run.seconds = timeout_seconds();
                (void) kill(-pid, SIGKILL);
                (void) kill(pid, SIGKILL);
        }
        wait_for_end(pid, &run);
        *ret = run;
        run = (ScriptRun) {};
        return 0;
}

uint64_t script_deadline(void) {
        unsigned timeout = timeout_seconds();

        return timeout > 0 ? clock_now() + (uint64_t) timeout * 1000 : UINT64_MAX;
}
