/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "callout.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <json-c/json.h>

#include "defaults.h"
#include "event.h"
#include "file.h"
#include "mdevctl.h"
#include "program.h"
#include "stop.h"

/* More than this of what a script prints is thrown away. */
#define OUTPUT_MAX (256U * 1024U)

static const char *const script_dirs[] = { "/usr/lib/mdevctl/scripts.d", "/etc/mdevctl.d/scripts.d" };

static const char *const actions[] = {
        [CALLOUT_START] = "start",
        [CALLOUT_STOP] = "stop",
        [CALLOUT_DEFINE] = "define",
        [CALLOUT_UNDEFINE] = "undefine",
        [CALLOUT_MODIFY] = "modify",
};

static void (*on_forced)(CalloutAction action, const Failure *f);

void callout_force(void (*forced)(CalloutAction action, const Failure *f)) {
        on_forced = forced;
}

const char *callout_action_to_string(CalloutAction action) {
        return actions[action];
}

/* ---- which scripts there are ------------------------------------------------------------------------------- */

typedef struct ScriptList {
        char **paths;
        size_t n;
} ScriptList;

static void script_list_done(ScriptList *list) {
        for (size_t i = 0; i < list->n; i++)
                free(list->paths[i]);
        free(list->paths);
        *list = (ScriptList) {};
}

static int is_entry(const struct dirent *e) {
        return strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
}

static int by_name(const struct dirent **a, const struct dirent **b) {
        return strcmp((*a)->d_name, (*b)->d_name);
}

static int refused(Failure *f, const char *path, int error) {
        return failure_set(f, STATUS_CALLOUT, error, "callouts: %s: %s", path, file_reason(error));
}

static int list_dir(ScriptList *list, const char *dir, Failure *f) {
        _cleanup_close_ int fd = file_open_dir(AT_FDCWD, dir);
        struct dirent **entries = NULL;
        int n, r = 0;

        if (fd == -ENOENT)
                return 0;
        if (fd < 0)
                return refused(f, dir, fd);
        n = scandirat(fd, ".", &entries, is_entry, by_name);
        for (int i = 0; i < n; i++) {
                char **paths = reallocarray(list->paths, list->n + 1, sizeof(*paths));

                if (paths)
                        list->paths = paths;
                if (!paths || asprintf(&paths[list->n], "%s/%s", dir, entries[i]->d_name) < 0)
                        r = -ENOMEM;
                else
                        list->n++;
                free(entries[i]);
        }
        free(entries);
        return n < 0 ? -ENOMEM : r;
}

/* Everything in the directories of one kind, in mdevctl's order. Returns 0 or a negative errno with *f. */
static int list_scripts(const char *kind, ScriptList *list, Failure *f) {
        for (size_t i = 0; i < ELEMENTSOF(script_dirs); i++) {
                _cleanup_free_ char *dir = NULL;
                int r;

                if (asprintf(&dir, "%s/%s", script_dirs[i], kind) < 0)
                        return -ENOMEM;
                r = list_dir(list, dir, f);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* On most hosts there are none, and then nothing else is done. */
static bool have_scripts(void) {
        for (size_t i = 0; i < ELEMENTSOF(script_dirs); i++) {
                _cleanup_close_ int fd = open(script_dirs[i], O_PATH | O_DIRECTORY | O_CLOEXEC);

                if (fd >= 0)
                        return true;
        }
        return false;
}

/* Returns 0; -ENOEXEC for what cannot be run, which is passed over; -EPERM for what must not. */
static int check_script(const char *path) {
        struct stat st;

        if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) || (st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0)
                return -ENOEXEC;
        if ((st.st_uid != 0 && st.st_uid != geteuid()) || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
                return -EPERM;
        return 0;
}

/* ---- running one of them ----------------------------------------------------------------------------------- */

typedef struct Output {
        char *text; /* with a NUL behind it */
        size_t size;
} Output;

typedef struct Run {
        int code;     /* exit status, or -1 */
        char why[64]; /* the same in words */
        bool timed_out;
        Output out, err;
} Run;

static void run_done(Run *run) {
        free(run->out.text);
        free(run->err.text);
        *run = (Run) {};
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

/* Reads what there is. Returns 1 if there may be more, 0 at the end. */
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

/* Collects output until the script ends (what it left running in the background is not waited for), or the time is
 * over. Returns true if it ended. */
static bool follow(int pidfd, int out, int err, uint64_t deadline, Run *run) {
        struct pollfd p[] = { { .fd = pidfd, .events = POLLIN }, { .fd = out, .events = POLLIN },
                              { .fd = err, .events = POLLIN } };
        Output *const outputs[] = { NULL, &run->out, &run->err };

        for (;;) {
                uint64_t now = event_now();
                bool ended;

                if (now >= deadline)
                        return false;
                if (poll(p, ELEMENTSOF(p), deadline - now > 60000 ? 60000 : (int) (deadline - now)) < 0 && errno != EINTR)
                        return false;
                ended = p[0].revents != 0;
                for (size_t i = 1; i < ELEMENTSOF(p); i++) {
                        int more = p[i].fd < 0 || !p[i].revents ? 0 : read_some(p[i].fd, outputs[i]);

                        if (p[i].revents && more == 0)
                                p[i].fd = -1;
                        if (more > 0 && p[i].revents & POLLIN)
                                ended = false; /* once it has ended: read on while there is something */
                        p[i].revents = 0;
                }
                p[0].revents = 0;
                if (ended)
                        return true;
        }
}

static int make_stdin(const char *text) {
        _cleanup_close_ int fd = -EBADF;

        if (!text)
                fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        else {
                /* a file, so that a script that does not read it cannot keep us */
                fd = memfd_create("callout", MFD_CLOEXEC);
                if (fd >= 0 && (write(fd, text, strlen(text)) != (ssize_t) strlen(text) || lseek(fd, 0, SEEK_SET) < 0))
                        return -EIO;
        }
        return fd < 0 ? -errno : steal_fd(&fd);
}

static int spawn(const char *const *argv, int in, int out, int err, pid_t *ret) {
        posix_spawn_file_actions_t files;
        posix_spawnattr_t attr;
        sigset_t none, defaults;
        int r;

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
        /* a group of its own: its children are killed with it, and Ctrl-C at a terminal is for us to handle */
        posix_spawnattr_setpgroup(&attr, 0);
        posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
        r = -posix_spawn(ret, argv[0], &files, &attr, (char *const *) argv, environ);
        posix_spawnattr_destroy(&attr);
        posix_spawn_file_actions_destroy(&files);
        return r;
}

static void reap(pid_t pid, Run *run) {
        int status, r;

        do
                r = waitpid(pid, &status, 0);
        while (r < 0 && errno == EINTR);
        if (run->timed_out)
                return;
        if (r < 0)
                strcpy(run->why, "unknown");
        else if (WIFEXITED(status)) {
                run->code = WEXITSTATUS(status);
                (void) snprintf(run->why, sizeof(run->why), "%d", run->code);
        } else
                (void) snprintf(run->why, sizeof(run->why), "killed by signal %d (%s)", WTERMSIG(status),
                                strsignal(WTERMSIG(status)));
}

/* Runs one script until the deadline. Returns 0 with *ret; -ENOEXEC for what cannot be run; another errno. */
static int run_script(const char *const *argv, const char *text, uint64_t deadline, Run *ret) {
        _cleanup_close_ int in = -EBADF, out_read = -EBADF, out = -EBADF, err_read = -EBADF, err = -EBADF, pidfd = -EBADF;
        _cleanup_(run_done) Run run = { .code = -1 };
        unsigned timeout = timeout_seconds();
        int p[2], r;
        pid_t pid;

        in = make_stdin(text);
        if (in < 0)
                return in;
        if (pipe2(p, O_CLOEXEC) < 0)
                return -errno;
        out_read = p[0];
        out = p[1];
        if (pipe2(p, O_CLOEXEC) < 0)
                return -errno;
        err_read = p[0];
        err = p[1];
        /* whoever started us may have ignored it, and then the status would be lost */
        (void) signal(SIGCHLD, SIG_DFL);
        r = spawn(argv, in, out, err, &pid);
        if (r < 0)
                return r == -EACCES || r == -ENOENT ? -ENOEXEC : r;
        closep(&out);
        out = -EBADF;
        closep(&err);
        err = -EBADF;
        /* what ends before its last words are read has them in the pipe */
        (void) fcntl(out_read, F_SETFL, O_NONBLOCK);
        (void) fcntl(err_read, F_SETFL, O_NONBLOCK);
        pidfd = pidfd_open(pid, 0);
        if (pidfd < 0 || !follow(pidfd, out_read, err_read, deadline, &run)) {
                run.timed_out = true;
                (void) snprintf(run.why, sizeof(run.why), "timed out after %u s", timeout);
                (void) kill(-pid, SIGKILL);
                (void) kill(pid, SIGKILL);
        }
        reap(pid, &run);
        *ret = run;
        run = (Run) {};
        return 0;
}

/* ---- the protocol ------------------------------------------------------------------------------------------ */

static const char *base_name(const char *path) {
        return strrchr(path, '/') + 1;
}

static void forward(const char *script, const Run *run) {
        char *save = NULL;

        if (!run->err.text)
                return;
        for (char *line = strtok_r(run->err.text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
                program_forward(base_name(script), line);
}

/* A script that did not end in time is not run again by this process: it would not end then, either. */
static char *stuck;

/* One call by the protocol. Returns as run_script(), or -ETIME. */
static int call(const char *script, const Definition *d, const char *event, const char *action, const char *state,
                const char *text, uint64_t deadline, Run *ret) {
        const char *const argv[] = { script, "-t", d->type, "-e", event, "-a", action, "-s", state,
                                     "-u", d->uuid, "-p", d->parent, NULL };

        int r;

        if (stuck && strcmp(stuck, script) == 0)
                return -ETIME;
        r = run_script(argv, text, deadline, ret);
        if (r >= 0 && ret->timed_out && !stuck)
                stuck = strdup(script);
        return r;
}

/* callout_timeout=0 is no limit. */
static uint64_t deadline_from_now(void) {
        unsigned timeout = timeout_seconds();

        return timeout > 0 ? event_now() + (uint64_t) timeout * 1000 : UINT64_MAX;
}

static int failed(const char *script, const char *why, Failure *f) {
        return failure_set(f, STATUS_CALLOUT, -ECANCELED, "Script '\"%s\"' failed with status '%s'", script, why);
}

/* mdevctl prints the name as its source has it: 'Define' */
static int unsupported(const char *script, const char *what, const char *name, Failure *f) {
        return failure_set(f, STATUS_CALLOUT, -ECANCELED, "Script \"%s\" does not support %s '%c%s'", script, what,
                           name[0] - 'a' + 'A', name + 1);
}

/* What a script with versions answers: the members of "supports" that it lists. */
typedef struct Capabilities {
        char *script; /* NULL: none has versions */
        json_object *supports;
        char *parent, *type;
} Capabilities;

static void json_freep(json_object **o) {
        if (*o)
                json_object_put(*o);
}

/* The answer's "supports", if the text is one. */
static json_object *parse_supports(const char *text) {
        _cleanup_(json_freep) json_object *root = text ? json_tokener_parse(text) : NULL;
        json_object *supports, *o;

        if (!root || !json_object_is_type(root, json_type_object) ||
            !json_object_object_get_ex(root, "supports", &supports) ||
            !json_object_is_type(supports, json_type_object) ||
            !json_object_object_get_ex(supports, "version", &o) || !json_object_is_type(o, json_type_int) ||
            !json_object_object_get_ex(supports, "actions", &o) || !json_object_is_type(o, json_type_array) ||
            !json_object_object_get_ex(supports, "events", &o) || !json_object_is_type(o, json_type_array))
                return NULL;
        return json_object_get(supports);
}

static bool lists(json_object *supports, const char *member, const char *name) {
        json_object *array = json_object_object_get(supports, member);

        for (size_t i = 0; i < json_object_array_length(array); i++) {
                const char *s = json_object_get_string(json_object_array_get_idx(array, i));
                if (s && strcmp(s, name) == 0)
                        return true;
        }
        return false;
}

#define PROVIDES                                                                                              \
        "{\"provides\":{\"version\":2,\"actions\":[\"start\",\"stop\",\"define\",\"undefine\",\"modify\","    \
        "\"attributes\",\"capabilities\"],\"events\":[\"pre\",\"post\",\"notify\",\"get\",\"live\"]}}"

/* Asks one script for its capabilities. Returns 1 if it is the one, 0 if not, or a negative errno with *f. */
static int ask_capabilities(const char *script, const Definition *d, Capabilities *c, Failure *f) {
        _cleanup_(run_done) Run run = {};
        int r;

        r = call(script, d, "get", "capabilities", "none", PROVIDES, deadline_from_now(), &run);
        if (r == -ENOEXEC)
                return 0;
        if (r < 0)
                return failed(script, failure_reason(r), f);
        if (run.code < 0) {
                forward(script, &run);
                return failed(script, run.why, f);
        }
        if (run.code == 2)
                return 0;
        c->supports = parse_supports(run.out.text);
        if (!c->supports)
                return 0;
        forward(script, &run);
        c->script = strdup(script);
        return c->script ? 1 : -ENOMEM;
}

/* The script with versions for this parent and type, if there is one; asked once for each pair. */
static int find_versioned(const Definition *d, const ScriptList *list, const Capabilities **ret, Failure *f) {
        static Capabilities *known;
        static size_t n_known;
        Capabilities *bigger, c = {};
        int r = 0;

        for (size_t i = 0; i < n_known; i++)
                if (strcmp(known[i].parent, d->parent) == 0 && strcmp(known[i].type, d->type) == 0) {
                        *ret = known[i].script ? &known[i] : NULL;
                        return 0;
                }
        for (size_t i = 0; r == 0 && i < list->n; i++)
                r = ask_capabilities(list->paths[i], d, &c, f);
        if (r < 0)
                return r;
        bigger = reallocarray(known, n_known + 1, sizeof(*known));
        if (bigger)
                known = bigger;
        c.parent = strdup(d->parent);
        c.type = strdup(d->type);
        if (!bigger || !c.parent || !c.type)
                return -ENOMEM;
        known[n_known++] = c;
        *ret = c.script ? &known[n_known - 1] : NULL;
        return 0;
}

/* Runs one script. Returns 1 if the device is none of its business, 0 if it agrees, or a negative errno with *f. */
static int ask_one(const char *script, const Definition *d, const char *event, const char *action, const char *state,
                   const char *text, Output *out, Failure *f) {
        _cleanup_(run_done) Run run = {};
        int r;

        r = call(script, d, event, action, state, text, deadline_from_now(), &run);
        if (r == -ENOEXEC)
                return 1;
        if (r < 0)
                return failed(script, failure_reason(r), f);
        if (run.code == 2)
                return 1;
        forward(script, &run);
        if (run.code != 0)
                return failed(script, run.why, f);
        if (out) {
                *out = run.out;
                run.out = (Output) {};
        }
        return 0;
}

static int check_all(const ScriptList *list, Failure *f) {
        for (size_t i = 0; i < list->n; i++)
                if (check_script(list->paths[i]) == -EPERM)
                        return refused(f, list->paths[i], -EPERM);
        return 0;
}

/* Asks the script in charge (*script, or the one with versions), or each until one knows the device. The one that
 * agreed is in charge from then on. Returns 0 or a negative errno with *f. */
static int ask(const Definition *d, const char *event, const char *action, const char *state, const char *text,
               bool versioned_only, char **script, Output *out, Failure *f) {
        _cleanup_(script_list_done) ScriptList list = {};
        const Capabilities *c = NULL;
        int r;

        r = list_scripts("callouts", &list, f);
        if (r >= 0)
                r = check_all(&list, f);
        if (r >= 0)
                r = find_versioned(d, &list, &c, f);
        if (r < 0)
                return r;
        if (c) {
                if (!lists(c->supports, "actions", action))
                        return unsupported(c->script, "action", action, f);
                if (!lists(c->supports, "events", event))
                        return unsupported(c->script, "event", event, f);
                r = ask_one(c->script, d, event, action, state, text, out, f);
                return r == 1 ? failed(c->script, "2", f) : r;
        }
        if (versioned_only)
                return failure_set(f, STATUS_CALLOUT, -EOPNOTSUPP, "No callout script with version support found that "
                                   "supports live modify");
        if (*script) {
                r = ask_one(*script, d, event, action, state, text, out, f);
                return r == 1 ? failed(*script, "2", f) : r;
        }
        for (size_t i = 0; i < list.n; i++) {
                r = ask_one(list.paths[i], d, event, action, state, text, out, f);
                if (r == 0)
                        *script = strdup(list.paths[i]);
                if (r != 1)
                        return r;
        }
        return 0;
}

/* All of them, together within the time of one. Whatever they say or do changes nothing. */
static void notify(const Definition *d, const char *action, const char *state) {
        _cleanup_(script_list_done) ScriptList list = {};
        uint64_t deadline = deadline_from_now();
        Failure ignored;

        if (list_scripts("notifiers", &list, &ignored) < 0)
                return;
        for (size_t i = 0; i < list.n; i++) {
                _cleanup_(run_done) Run run = {};

                if (check_script(list.paths[i]) == -EPERM)
                        program_forward(base_name(list.paths[i]), "not run: others than root own it or can write to it");
                else
                        (void) !call(list.paths[i], d, "notify", action, state, NULL, deadline, &run);
        }
}

static void callout_done(Callout *c) {
        free(c->config);
        free(c->script);
        *c = (Callout) {};
}

int callout_begin(CalloutAction action, const Definition *d, bool start_auto, Callout *ret, Failure *f) {
        Callout c = { .definition = d, .action = action };
        int r;

        *ret = (Callout) {};
        /* an invalid definition may be removed, but there is nothing to ask about */
        if (!d->parent || !d->type || !have_scripts())
                return 0;
        if (mdevctl_format(d, start_auto, -1, &c.config) < 0)
                return failure_set(f, STATUS_FAILURE, -ENOMEM, "out of memory");
        stop_block(&c.signals);
        r = ask(d, "pre", actions[action], "none", c.config, false, &c.script, NULL, f);
        if (r < 0 && on_forced) {
                on_forced(action, f);
                *f = (Failure) {};
                r = 0;
        }
        if (r < 0) {
                notify(d, actions[action], "none");
                stop_restore(&c.signals);
                callout_done(&c);
                return r;
        }
        *ret = c;
        return 0;
}

void callout_end(Callout *c, bool success) {
        const char *state = success ? "success" : "failure";
        Failure ignored;

        if (!c->definition)
                return;
        (void) !ask(c->definition, "post", actions[c->action], state, c->config, false, &c->script, NULL, &ignored);
        notify(c->definition, actions[c->action], state);
        stop_restore(&c->signals);
        callout_done(c);
}

int callout_get_attributes(Definition *d, Failure *f) {
        _cleanup_free_ char *script = NULL;
        Output out = {};
        int r;

        if (!have_scripts())
                return 0;
        r = ask(d, "get", "attributes", "none", NULL, false, &script, &out, f);
        if (r >= 0 && out.text) {
                /* NULs at the end are no part of it */
                r = mdevctl_parse_attributes(d, out.text, strlen(out.text));
                if (r < 0)
                        failure_set(f, STATUS_CALLOUT, r, "Invalid JSON received from callout script%s%s",
                                    d->n_notes > 0 ? ": " : "", d->n_notes > 0 ? d->notes[d->n_notes - 1].text : "");
        }
        free(out.text);
        return r;
}

int callout_modify_live(const Definition *d, Failure *f) {
        _cleanup_free_ char *script = NULL, *config = NULL;
        sigset_t old;
        int r;

        if (!have_scripts())
                return failure_set(f, STATUS_CALLOUT, -EOPNOTSUPP, "No callout script with version support found that "
                                   "supports live modify");
        if (mdevctl_format(d, d->start_auto, -1, &config) < 0)
                return failure_set(f, STATUS_FAILURE, -ENOMEM, "out of memory");
        stop_block(&old);
        r = ask(d, "live", "modify", "none", config, true, &script, NULL, f);
        if (r != -EOPNOTSUPP)
                notify(d, "modify", "none");
        stop_restore(&old);
        return r;
}
