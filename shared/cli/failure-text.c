/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/failure-text.h"

#include <stdarg.h>
#include <string.h>

#include "base/file.h"

/* More bytes of an attribute's value would hide the kernel's reason, which comes behind it. */
#define VALUE_MAX 64U

/* %p is the path, %r the reason, %n the name, %v the value, %w all of the value; %P and %T are parent and type, %o
 * and %t those that were found instead; %s is the seconds, %i the PID, %e how a script ended. */
static const char *const sentences[] = { /* NOLINTBEGIN(bugprone-suspicious-missing-comma): strings of several lines */
        [FAILURE_NO_MEMORY] = "out of memory",
        [FAILURE_WORDED] = "%w",

        [FAILURE_NO_LOCK_DIR] = "cannot create %p: %r; run: systemd-tmpfiles --create mdev-tools.conf",
        [FAILURE_OPEN] = "cannot open %p: %r",
        [FAILURE_READ] = "cannot read %p: %r",
        [FAILURE_WRITE] = "cannot write %p: %r",
        [FAILURE_REMOVE] = "cannot remove %p: %r",
        [FAILURE_LOCK] = "cannot lock %p: %r",
        [FAILURE_RUN] = "cannot run %p: %r",

        [FAILURE_LOCKED] = "another helper has been working on this device for %s s (it holds %p)",
        [FAILURE_SYSTEMCTL] = "'systemctl %n' failed, see its message",
        [FAILURE_SYSTEMCTL_UNIT] = "'systemctl %n %w' failed, see its message",
        [FAILURE_MASKED] = "its unit is masked and cannot be started automatically: 'systemctl unmask "
                           "mdev@%n.service' first",
        [FAILURE_ANNOUNCE] = "cannot ask udev to set the owner of %p: %r",
        [FAILURE_NOT_ANNOUNCED] = "device removed, but udev has not announced that in time: is udevd stopped, or "
                                  "does a unit that is bound to mdev@%n.service take long to stop?",

        [FAILURE_INVALID] = "definition is invalid: %w",
        [FAILURE_NO_PARENT_NAME] = "'%n' is not the name of a parent",
        [FAILURE_NO_USER] = "node_user=%n: this host has no such user",
        [FAILURE_NO_GROUP] = "node_group=%n: this host has no such group",
        [FAILURE_DEFINED_DEVICE] = "%p defines it already, but with parent %o and type %t (wanted: %n, %T)",
        [FAILURE_DEFINED_ATTRIBUTES] = "%p defines it already, but with other attributes; mdev-manage changes them",
        [FAILURE_DEFINED_OWNER] = "%p defines it already, but with other node_user=, node_group= or node_mode=; "
                                  "mdev-manage changes them",
        [FAILURE_DEFINED_MODE] = "%p defines it already, as %t; 'mdev-manage --%w %n' changes that",

        [FAILURE_NO_PARENT] = "no parent %p is registered",
        [FAILURE_NO_MATCH] = "no registered parent matches %n",
        [FAILURE_PARENT_CHANGING] = "parent %p is being unregistered, or registered: try again",
        [FAILURE_PARENT_AMBIGUOUS] = "parent=%n matches several registered parents: use another selector, or the "
                                     "kernel name",
        [FAILURE_NO_TYPE] = "parent %P has no type %T",
        [FAILURE_NO_INSTANCE] = "no instance of %T left on %P",
        [FAILURE_FULL] = "",

        [FAILURE_NO_DEVICE] = "no device %p",
        [FAILURE_NOT_DEFINED] = "no such device, and no definition of it (%p or the like)",
        [FAILURE_OTHER_DEVICE] = "exists already, but with parent %o and type %t (wanted: %n, %T)",
        [FAILURE_UNMANAGED] = "exists already, unmanaged, so its attributes cannot be set during creation; "
                              "'mdev-manage %n' takes it over",
        [FAILURE_DISAPPEARED] = "device disappeared during creation: its parent was unregistered, or somebody "
                                "removed it",
        [FAILURE_OBSOLETE] = "the device, which was created by others, has disappeared",
        [FAILURE_STOPPED] = "told to stop",
        [FAILURE_CREATE] = "cannot create the device: %r (%p)",
        [FAILURE_ATTRIBUTE] = "attribute %n: value '%v' refused: %r (%p)",
        [FAILURE_UUID_TAKEN] = "the kernel still holds this UUID (%r): a removal of the device is pending until its "
                               "user closes it",
        [FAILURE_INCOMPLETE] = "%p is still being made; the kernel cannot remove it before that is finished",
        [FAILURE_IN_USE] = "in use by %n (PID %i), which has /dev/vfio/%w open",
        [FAILURE_IN_USE_UNSEEN] = "in use: %p (/dev/vfio/%w) is held open, by a process that cannot be seen from here",
        [FAILURE_GOING] = "%p is being removed, because its parent is being unregistered or by somebody else, but "
                          "is not gone after %s s: is it, or another device of its parent, in use?",
        [FAILURE_NO_REMOVE] = "the kernel has no file 'remove' in %p any more: somebody wrote to it before the "
                              "device was complete; only unregistering its parent (unload the driver) removes it",

        /* as mdevctl says it */
        [FAILURE_UNTRUSTED_SCRIPT] = "callouts: %p: %r",
        [FAILURE_SCRIPT] = "Script '\"%p\"' failed with status '%e'",
        [FAILURE_SCRIPT_LACKS] = "Script \"%p\" does not support %n '%w'",
        [FAILURE_NO_LIVE_SCRIPT] = "No callout script with version support found that supports live modify",
        [FAILURE_SCRIPT_OUTPUT] = "Invalid JSON received from callout script: %w",
}; /* NOLINTEND(bugprone-suspicious-missing-comma) */

const char *failure_text_pid1(int error) {
        return error == -ELIBACC ? "libsystemd.so.0, a needed shared library, cannot be loaded: is it installed?"
                                 : failure_reason(error);
}

static const char *reason(const Failure *f) {
        if (f->kind == FAILURE_ATTRIBUTE && f->error == -ENOENT)
                return "the device has no such attribute";
        return f->by_trust ? file_reason(f->error) : failure_reason(f->error);
}

/* The value, cut at a whole character of UTF-8. */
static void print_value(FILE *o, const char *value) {
        size_t n = strlen(value), shown = n > VALUE_MAX ? VALUE_MAX : n;

        while (shown < n && shown > 0 && ((unsigned char) value[shown] & 0xc0) == 0x80)
                shown--;
        fprintf(o, "%.*s%s", (int) shown, value, shown < n ? "…" : "");
}

static void print_names(FILE *o, const char *before, const Failure *f) {
        fputs(before, o);
        for (size_t i = 0; i < f->names.n; i++)
                fprintf(o, "%s%s", i > 0 ? ", " : "", f->names.names[i]);
        if (f->n_names > f->names.n)
                fprintf(o, ", … (%zu in all)", f->n_names);
}

static void print_script_end(FILE *o, const Failure *f) {
        if (f->error != -ECANCELED)
                fputs(reason(f), o);
        else if (f->seconds > 0)
                fprintf(o, "timed out after %u s", f->seconds);
        else if (f->signal > 0)
                fprintf(o, "killed by signal %d (%s)", f->signal, strsignal(f->signal));
        else
                fprintf(o, "%d", f->exit_status);
}

static void print_fact(FILE *o, char which, const Failure *f) {
        const char *const facts[] = { ['p'] = f->path, ['r'] = reason(f), ['n'] = f->name, ['v'] = f->value,
                                      ['w'] = f->value, ['P'] = f->parent, ['T'] = f->type,
                                      ['o'] = f->other_parent, ['t'] = f->other_type };
        size_t i = (size_t) which;

        if (which == 's')
                fprintf(o, "%u", f->seconds);
        else if (which == 'i')
                fprintf(o, "%d", (int) f->pid);
        else if (which == 'e')
                print_script_end(o, f);
        else if (which == 'v' && f->value)
                print_value(o, f->value);
        else
                /* a fact that there was no memory for is not known */
                fputs(i < ELEMENTSOF(facts) && facts[i] ? facts[i] : "?", o);
}

/* Who has the instances of a type. */
static void print_full(FILE *o, const Failure *f) {
        if (f->n_names > 0) {
                fprintf(o, "%zu of %lu", f->n_names, (unsigned long) f->n_names + f->left);
                print_names(o, " in use by ", f);
        } else if (f->left == 0)
                fprintf(o, "none in use by this type, so other types of %s use what it shares with them",
                        f->parent ? f->parent : "the parent");
        else
                fprintf(o, "although available_instances is %lu", f->left);
}

/* What there is instead, or who is in the way. */
static void print_more(FILE *o, const Failure *f) {
        switch (f->kind) {
        case FAILURE_NO_PARENT:
        case FAILURE_NO_MATCH:
                if (f->seconds > 0)
                        fprintf(o, " (waited %u s)", f->seconds);
                if (f->n_names > 0)
                        print_names(o, "; there are: ", f);
                else
                        fputs(", nor any other: is the driver loaded?", o);
                break;
        case FAILURE_NO_TYPE:
                if (f->n_names > 0)
                        print_names(o, "; it has: ", f);
                break;
        case FAILURE_NO_INSTANCE:
                if (f->counted)
                        fputs(f->n_names == 0 && f->left > 0 ? ", " : ": ", o);
                /* fall through */
        case FAILURE_FULL:
                if (f->counted)
                        print_full(o, f);
                break;
        case FAILURE_IN_USE:
        case FAILURE_IN_USE_UNSEEN:
                if (f->seconds > 0)
                        fprintf(o, "; not gone after %u s: removal is pending and completes when the device is closed",
                                f->seconds);
                break;
        default:
                break;
        }
}

static void print_failure(FILE *o, const Failure *f) {
        static const char *const undo[] = {
                [FAILURE_UNDO_DEVICE] = "the device could not be removed again",
                [FAILURE_UNDO_OWNER] = "its node could not be given back to root",
                [FAILURE_UNDO_DEFINITION] = "its definition could not be removed again",
        };

        for (; f; f = f->next) {
                for (const char *p = sentences[f->kind]; *p; p++)
                        if (*p == '%')
                                print_fact(o, *++p, f);
                        else
                                fputc(*p, o);
                print_more(o, f);
                if (f->half_made)
                        fputs(" (an earlier start did not finish it, so it must be made again)", o);
                if (f->undone)
                        fputs("; device removed again", o);
                if (f->next)
                        fprintf(o, "; and %s: ", undo[f->next->undo]);
        }
}

char *failure_text(const Failure *f) {
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *o;

        o = open_memstream(&text, &size);
        if (!o)
                return NULL;
        print_failure(o, f);
        return fclose(o) == 0 ? STEAL_PTR(text) : NULL;
}

int failure_set_text(Failure *f, Status status, int error, const char *format, ...) {
        _cleanup_free_ char *text = NULL;
        va_list ap;

        va_start(ap, format);
        if (vasprintf(&text, format, ap) < 0)
                text = NULL;
        va_end(ap);
        return failure_set(f, status, error, FAILURE_WORDED, .value = text);
}
