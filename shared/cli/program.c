/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/program.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>

#include "cli/failure-text.h"
#include "cli/journal.h"
#include "base/keyvalue.h"
#include "base/text.h"

/* Syslog's (sd-daemon(3)). */
#define PRIORITY_ERROR "3"
#define PRIORITY_INFO "6"

static bool run_by_udev;

/* "WHO: OBJECT: TEXT", and what ends it. What it names comes from files, from sysfs, from other users' processes, and
 * none of these is to write to the terminal as it likes. NULL if there is no memory. */
static char *compose(const char *who, const char *object, const char *text, const char *end) {
        _cleanup_free_ char *line = NULL;
        size_t size;
        FILE *f;

        f = open_memstream(&line, &size);
        if (!f)
                return NULL;
        if (who) {
                text_print(f, who);
                fputs(": ", f);
        }
        if (object) {
                text_print(f, object);
                fputs(": ", f);
        }
        text_print(f, text);
        fputs(end, f);
        return fclose(f) == 0 ? STEAL_PTR(line) : NULL;
}

/* One line in one write: helpers may speak at the same time. */
static void say(const char *who, const char *object, const char *text) {
        _cleanup_free_ char *line = compose(who, object, text, "\n");

        if (line)
                fputs(line, stderr);
}

static bool speaks_to_journal(void) {
        return run_by_udev || journal_is_stream(STDERR_FILENO, getenv("JOURNAL_STREAM"));
}

/* What has come of it: to the journal, with fields. Returns 0, or a negative errno if that cannot be. */
static int enter(const char *message, const char *priority, const char *object, const Failure *f, const char *text) {
        _cleanup_free_ char *line = compose(NULL, object, text, "");
        const char *uuid = object && uuid_is_canonical(object) ? object : NULL;
        const JournalField fields[] = {
                { "MESSAGE", line },
                /* the text that explains it is about a device, or a parent */
                { "MESSAGE_ID", uuid || f->parent ? message : NULL },
                { "PRIORITY", priority },
                { "SYSLOG_IDENTIFIER", program_invocation_short_name },
                { "MDEV_UUID", uuid },
                { "MDEV_PARENT", f->parent },
                { "MDEV_TYPE", f->type },
        };

        return line ? journal_send(JOURNAL_SOCKET, fields, ELEMENTSOF(fields)) : -ENOMEM;
}

void program_error(const char *object, const char *format, ...) {
        _cleanup_free_ char *text = NULL;
        va_list ap;

        va_start(ap, format);
        if (vasprintf(&text, format, ap) < 0)
                text = NULL;
        va_end(ap);
        say(program_invocation_short_name, object, text ? text : "out of memory");
}

void program_forward(const char *who, const char *line) {
        say(who, NULL, line);
}

int program_fail_as(const char *message, const char *object, const Failure *f) {
        _cleanup_free_ char *text = failure_text(f);
        const char *said = text ? text : "out of memory";

        if (!speaks_to_journal() || enter(message, PRIORITY_ERROR, object, f, said) < 0)
                program_error(object, "%s", said);
        return f->status != STATUS_DONE ? (int) f->status : STATUS_FAILURE;
}

int program_fail(const char *object, const Failure *f) {
        return program_fail_as(message_of_status(f->status), object, f);
}

int program_done(const char *message, const char *object, const Failure *f, const char *format, ...) {
        _cleanup_free_ char *text = NULL;
        va_list ap;

        if (!speaks_to_journal())
                return STATUS_DONE;
        va_start(ap, format);
        if (vasprintf(&text, format, ap) < 0)
                text = NULL;
        va_end(ap);
        if (text && enter(message, PRIORITY_INFO, object, f, text) < 0)
                say(program_invocation_short_name, object, text);
        return STATUS_DONE;
}

int program_started(const char *uuid, bool created, const Failure *f) {
        return program_done(created ? MESSAGE_MADE : MESSAGE_TAKEN, uuid, f, "%s: %s on %s",
                            created ? "created" : "already exists, adopted", f->type ? f->type : "?",
                            f->parent ? f->parent : "?");
}

int program_each(char *args[], int (*one)(const char *arg)) {
        int status = STATUS_DONE;

        for (; *args; args++) {
                int r = one(*args);

                if (r != STATUS_DONE)
                        status = r;
        }
        return status;
}

void program_notes(const Definition *d, bool errors) {
        for (size_t i = 0; i < d->n_notes; i++) {
                const Note *n = &d->notes[i];
                char line[16] = "";

                if (n->error && !errors)
                        continue;
                if (n->line > 0)
                        (void) snprintf(line, sizeof(line), ":%u", n->line);
                if (d->path)
                        program_error(NULL, "%s%s: %s%s", d->path, line, n->error ? "" : "warning: ", n->text);
                else
                        program_error(NULL, "%s%s", n->error ? "" : "warning: ", n->text);
        }
}

int program_uuid(const char *arg, char ret[static UUID_LENGTH + 1]) {
        if (uuid_parse(arg, ret) >= 0)
                return 0;
        program_error(arg, "not a UUID (8-4-4-4-12 hex digits)");
        return -EINVAL;
}

int program_seconds(const char *option, int *ret) {
        unsigned seconds;

        if (keyvalue_parse_number(optarg, DEFINITION_WAIT_MAX, &seconds) < 0) {
                program_error(NULL, "--%s takes a number of seconds from 0 to %u, not '%s'", option, DEFINITION_WAIT_MAX,
                              optarg);
                return -EINVAL;
        }
        *ret = (int) seconds;
        return 0;
}

/* A file that we open must not become descriptor 0, 1 or 2: whatever prints would write into it. Where one of them is
 * closed, it gets a descriptor that can be neither read nor written. */
static void open_standard_descriptors(void) {
        for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
                if (fcntl(fd, F_GETFD) < 0 && open("/", O_PATH) != fd)
                        _exit(STATUS_FAILURE);
}

/* Callers leave signals blocked or ignored (cron, Python, job runners). Scripts are waited for with SIGCHLD, locks
 * with SIGALRM, and SIGTERM is how systemd stops us. SIGHUP and SIGINT stay ignored for nohup and for jobs in the
 * background. A message that nobody reads must not end a program between two steps. */
static void reset_signals(void) {
        static const int used[] = { SIGALRM, SIGCHLD, SIGTERM };
        struct sigaction action = { .sa_handler = SIG_DFL };
        sigset_t none;

        for (size_t i = 0; i < ELEMENTSOF(used); i++)
                (void) sigaction(used[i], &action, NULL);
        action.sa_handler = SIG_IGN;
        (void) sigaction(SIGPIPE, &action, NULL);
        sigemptyset(&none);
        (void) sigprocmask(SIG_SETMASK, &none, NULL);
}

/* What was printed must have arrived: the disk may be full. A reader that left early has what it wanted. */
static int finish_output(int status) {
        errno = 0;
        if ((fflush(stdout) == 0 && !ferror(stdout)) || errno == EPIPE)
                return status;
        /* of a write before the last one, stdio keeps no reason */
        program_error(NULL, "cannot write the output%s%s", errno ? ": " : "", errno ? strerror(errno) : "");
        return status != STATUS_DONE ? status : STATUS_FAILURE;
}

int program_main(const Program *p, int argc, char *argv[]) {
        static const struct option standard[] = { PROGRAM_OPTIONS };
        int option;

        open_standard_descriptors();
        reset_signals();
        run_by_udev = p->run_by_udev && getenv("SEQNUM") && getenv("DEVPATH");
        if (!p->help)
                return finish_output(p->run(argc, argv));
        while ((option = getopt_long(argc, argv, "hV", p->options ? p->options : standard, NULL)) >= 0)
                switch (option) {
                case 0: /* a flag, which is set now */
                        break;
                case 'h':
                        fputs(p->help, stdout);
                        return finish_output(STATUS_DONE);
                case 'V':
                        printf("%s (mdev-tools) %s\n", program_invocation_short_name, PACKAGE_VERSION);
                        return finish_output(STATUS_DONE);
                default:
                        if (option == '?' || p->parse_option(option) < 0)
                                return STATUS_USAGE;
                }
        return finish_output(p->run(argc > optind ? argc - optind : 0, argv + optind));
}
