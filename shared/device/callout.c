/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device/callout.h"

#include <json-c/json.h>
#include <string.h>

#include "base/file.h"
#include "definition/mdevctl-json.h"
#include "device/script.h"

static const char *const actions[] = {
        [CALLOUT_START] = "start",
        [CALLOUT_STOP] = "stop",
        [CALLOUT_DEFINE] = "define",
        [CALLOUT_UNDEFINE] = "undefine",
        [CALLOUT_MODIFY] = "modify",
};

const char *callout_action_to_string(CalloutAction action) {
        return actions[action];
}

/* One question to the scripts, in the protocol's words. */
typedef struct Question {
        const CalloutHooks *hooks;
        const Definition *definition;
        const char *event, *action, *state;
        const char *config;   /* on stdin, or NULL */
        bool needs_versions;  /* only a script that reports its capabilities may answer */
} Question;

static const char *base_name(const char *path) {
        return strrchr(path, '/') + 1;
}

static void forward_stderr(const Question *q, const char *script, const ScriptRun *run) {
        char *save = NULL;

        if (!run->err.text)
                return;
        for (char *line = strtok_r(run->err.text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
                q->hooks->print(base_name(script), line);
}

/* A script that did not end in time is not run again by this process: it would not end then, either. */
static char *stuck;

/* Runs one script by the protocol. Returns 0, -ENOEXEC for a file that cannot be run and is skipped, or another
 * negative errno with *f. */
static int run_script(const Question *q, const char *script, uint64_t deadline, ScriptRun *ret, Failure *f) {
        const Definition *d = q->definition;
        const char *const argv[] = { script, "-t", d->type, "-e", q->event, "-a", q->action, "-s", q->state,
                                     "-u", d->uuid, "-p", d->parent, NULL };
        int r = stuck && strcmp(stuck, script) == 0 ? -ETIME : script_run(argv, q->config, deadline, ret);

        if (r < 0)
                return r == -ENOEXEC ? r : failure_set(f, STATUS_CALLOUT, r, FAILURE_SCRIPT, .path = script);
        if (ret->seconds > 0 && !stuck)
                stuck = strdup(script);
        return 0;
}

static int note_end(const char *script, const ScriptRun *run, Failure *f) {
        return failure_set(f, STATUS_CALLOUT, -ECANCELED, FAILURE_SCRIPT, .path = script,
                           .exit_status = run->exit_status, .signal = run->signal, .seconds = run->seconds);
}

/* The protocol's exit status of a script that does not know the device. */
#define NOT_MINE 2

/* mdevctl prints the name as its source has it: 'Define' */
static int note_lacking(const char *script, const char *what, const char *name, Failure *f) {
        char title[32];

        (void) snprintf(title, sizeof(title), "%c%s", name[0] - 'a' + 'A', name + 1);
        return failure_set(f, STATUS_CALLOUT, -ECANCELED, FAILURE_SCRIPT_LACKS, .path = script, .name = what,
                           .value = title);
}

/* What a script that reports its capabilities supports. */
typedef struct Capabilities {
        char *script; /* NULL: none reports them */
        json_object *supports;
        char *parent, *type;
} Capabilities;

/* The answer's "supports", if the text is one. */
static json_object *parse_supports(const char *text) {
        _cleanup_(json_freep) json_object *root = text ? json_tokener_parse(text) : NULL;
        json_object *supports = json_object_object_get(root, "supports");

        if (!json_object_is_type(json_object_object_get(supports, "version"), json_type_int) ||
            !json_object_is_type(json_object_object_get(supports, "actions"), json_type_array) ||
            !json_object_is_type(json_object_object_get(supports, "events"), json_type_array))
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

/* Asks one script for its capabilities. Returns 1 if it reports them, 0 if not, or a negative errno with *f. */
static int ask_capabilities(const Question *about, const char *script, Capabilities *c, Failure *f) {
        const Question q = { .hooks = about->hooks, .definition = about->definition, .event = "get",
                             .action = "capabilities", .state = "none", .config = PROVIDES };
        _cleanup_(script_run_done) ScriptRun run = {};
        int r;

        r = run_script(&q, script, script_deadline(), &run, f);
        if (r < 0)
                return r == -ENOEXEC ? 0 : r;
        if (run.exit_status < 0) {
                forward_stderr(&q, script, &run);
                return note_end(script, &run, f);
        }
        if (run.exit_status == NOT_MINE)
                return 0;
        c->supports = parse_supports(run.out.text);
        if (!c->supports)
                return 0;
        forward_stderr(&q, script, &run);
        c->script = strdup(script);
        return c->script ? 1 : -ENOMEM;
}

/* The script that reports its capabilities for this parent and type, if there is one; asked once for each pair. */
static int find_versioned(const Question *q, const StringList *list, const Capabilities **ret, Failure *f) {
        const Definition *d = q->definition;
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
                r = ask_capabilities(q, list->names[i], &c, f);
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

/* Asks one script. Returns 1 if it does not know the device, 0 if it agrees, or a negative errno with *f. */
static int ask_script(const Question *q, const char *script, Output *out, Failure *f) {
        _cleanup_(script_run_done) ScriptRun run = {};
        int r;

        r = run_script(q, script, script_deadline(), &run, f);
        if (r < 0)
                return r == -ENOEXEC ? 1 : r;
        if (run.exit_status == NOT_MINE)
                return 1;
        forward_stderr(q, script, &run);
        if (run.exit_status != 0)
                return note_end(script, &run, f);
        if (out) {
                *out = run.out;
                run.out = (Output) {};
        }
        return 0;
}

static int list_trusted(StringList *list, Failure *f) {
        int r = script_list("callouts", list, f);

        for (size_t i = 0; r >= 0 && i < list->n; i++)
                if (!script_is_trusted(list->names[i]))
                        r = failure_at_file(f, STATUS_CALLOUT, -EPERM, FAILURE_UNTRUSTED_SCRIPT, "%s", list->names[i]);
        return r;
}

/* Asks the script in charge (*script, or the one that reports its capabilities), or each until one knows the
 * device. The one that agreed is in charge from then on. Returns 0 or a negative errno with *f. */
static int ask_scripts(const Question *q, char **script, Output *out, Failure *f) {
        _cleanup_(string_list_done) StringList list = {};
        const Capabilities *c = NULL;
        const char *in_charge;
        int r;

        r = list_trusted(&list, f);
        if (r >= 0)
                r = find_versioned(q, &list, &c, f);
        if (r < 0)
                return r;
        if (c && !lists(c->supports, "actions", q->action))
                return note_lacking(c->script, "action", q->action, f);
        if (c && !lists(c->supports, "events", q->event))
                return note_lacking(c->script, "event", q->event, f);
        if (!c && q->needs_versions)
                return failure_set(f, STATUS_CALLOUT, -EOPNOTSUPP, FAILURE_NO_LIVE_SCRIPT);
        in_charge = c ? c->script : *script;
        if (in_charge) {
                r = ask_script(q, in_charge, out, f);
                return r == 1 ? note_end(in_charge, &(const ScriptRun) { .exit_status = NOT_MINE }, f) : r;
        }
        for (size_t i = 0; i < list.n; i++) {
                r = ask_script(q, list.names[i], out, f);
                if (r == 0)
                        *script = strdup(list.names[i]);
                if (r != 1)
                        return r;
        }
        return 0;
}

/* Tells all notifiers, which share the time of one script, what the scripts were asked about. Their answers change
 * nothing. */
static void tell_notifiers(const Question *asked) {
        const Question q = { .hooks = asked->hooks, .definition = asked->definition, .event = "notify",
                             .action = asked->action, .state = asked->state };
        _cleanup_(string_list_done) StringList list = {};
        uint64_t deadline = script_deadline();

        if (script_list("notifiers", &list, NULL) < 0)
                return;
        for (size_t i = 0; i < list.n; i++) {
                _cleanup_(script_run_done) ScriptRun run = {};

                if (script_is_trusted(list.names[i]))
                        (void) !run_script(&q, list.names[i], deadline, &run, NULL);
                else
                        q.hooks->print(base_name(list.names[i]), file_reason(-EPERM));
        }
}

static Question question_new(const Callout *c, const char *event, const char *state) {
        return (Question) { .hooks = c->hooks, .definition = c->definition, .event = event,
                            .action = actions[c->action], .state = state, .config = c->config };
}

/* Tells the notifiers of the end. */
static void end(Callout *c, const Question *q) {
        tell_notifiers(q);
        signals_restore(&c->signals);
        free(c->config);
        free(c->script);
        *c = (Callout) {};
}

int callout_begin(Callout *c, Failure *f) {
        _cleanup_(failure_done) Failure refused = {};
        Question q;
        int r;

        /* an invalid definition may be removed, but there is nothing to ask about */
        if (!c->definition->parent || !c->definition->type || !script_exists())
                return 0;
        c->config = mdevctl_line(c->definition, c->start_auto);
        if (!c->config)
                return -ENOMEM;
        signals_block(&c->signals);
        q = question_new(c, "pre", "none");
        r = ask_scripts(&q, &c->script, NULL, &refused);
        if (r < 0 && c->hooks->force) {
                c->hooks->force(c->action, &refused);
                r = 0;
        }
        if (r < 0) {
                (void) failure_copy(f, &refused);
                end(c, &q);
        }
        return r;
}

void callout_end(Callout *c, bool success) {
        Question q;

        if (!c->config)
                return;
        q = question_new(c, "post", success ? "success" : "failure");
        (void) !ask_scripts(&q, &c->script, NULL, NULL);
        end(c, &q);
}

int callout_get_attributes(const CalloutHooks *hooks, Definition *d, Failure *f) {
        const Question q = { .hooks = hooks, .definition = d, .event = "get", .action = "attributes",
                             .state = "none" };
        _cleanup_free_ char *script = NULL;
        Output out = {};
        int r;

        if (!script_exists())
                return 0;
        r = ask_scripts(&q, &script, &out, f);
        if (r >= 0 && out.text) {
                /* NULs at the end are no part of it */
                r = mdevctl_parse_attributes(d, out.text, strlen(out.text));
                if (r < 0)
                        failure_set(f, STATUS_CALLOUT, r, FAILURE_SCRIPT_OUTPUT,
                                    .value = d->n_notes > 0 ? d->notes[d->n_notes - 1].text : NULL);
        }
        free(out.text);
        return r;
}

int callout_modify_live(const CalloutHooks *hooks, const Definition *d, Failure *f) {
        _cleanup_free_ char *script = NULL, *config = NULL;
        Question q = { .hooks = hooks, .definition = d, .event = "live", .action = "modify", .state = "none",
                       .needs_versions = true };
        sigset_t old;
        int r;

        if (!script_exists())
                return failure_set(f, STATUS_CALLOUT, -EOPNOTSUPP, FAILURE_NO_LIVE_SCRIPT);
        config = mdevctl_line(d, d->start_auto);
        if (!config)
                return -ENOMEM;
        q.config = config;
        signals_block(&old);
        r = ask_scripts(&q, &script, NULL, f);
        if (r != -EOPNOTSUPP)
                tell_notifiers(&q);
        signals_restore(&old);
        return r;
}
