/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device/callout.h"

#include <json-c/json.h>
#include <string.h>

#include "definition/mdevctl-json.h"
#include "cli/program.h"
#include "device/script.h"
#include "base/signals.h"

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

/* One call by the protocol. Returns as script_run(), or -ETIME. */
static int call(const char *script, const Definition *d, const char *event, const char *action, const char *state,
                const char *text, uint64_t deadline, Run *ret) {
        const char *const argv[] = { script, "-t", d->type, "-e", event, "-a", action, "-s", state,
                                     "-u", d->uuid, "-p", d->parent, NULL };
        int r;

        if (stuck && strcmp(stuck, script) == 0)
                return -ETIME;
        r = script_run(argv, text, deadline, ret);
        if (r >= 0 && ret->timed_out && !stuck)
                stuck = strdup(script);
        return r;
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

        r = call(script, d, "get", "capabilities", "none", PROVIDES, script_deadline(), &run);
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

        r = call(script, d, event, action, state, text, script_deadline(), &run);
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
                if (script_check(list->paths[i]) == -EPERM)
                        return script_refused(list->paths[i], -EPERM, f);
        return 0;
}

/* Asks the script in charge (*script, or the one with versions), or each until one knows the device. The one that
 * agreed is in charge from then on. Returns 0 or a negative errno with *f. */
static int ask(const Definition *d, const char *event, const char *action, const char *state, const char *text,
               bool versioned_only, char **script, Output *out, Failure *f) {
        _cleanup_(script_list_done) ScriptList list = {};
        const Capabilities *c = NULL;
        int r;

        r = script_list("callouts", &list, f);
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
        uint64_t deadline = script_deadline();
        Failure ignored;

        if (script_list("notifiers", &list, &ignored) < 0)
                return;
        for (size_t i = 0; i < list.n; i++) {
                _cleanup_(run_done) Run run = {};

                if (script_check(list.paths[i]) == -EPERM)
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
        if (!d->parent || !d->type || !script_is_any())
                return 0;
        if (mdevctl_format(d, start_auto, -1, &c.config) < 0)
                return failure_set(f, STATUS_FAILURE, -ENOMEM, "out of memory");
        signals_block(&c.signals);
        r = ask(d, "pre", actions[action], "none", c.config, false, &c.script, NULL, f);
        if (r < 0 && on_forced) {
                on_forced(action, f);
                *f = (Failure) {};
                r = 0;
        }
        if (r < 0) {
                notify(d, actions[action], "none");
                signals_restore(&c.signals);
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
        signals_restore(&c->signals);
        callout_done(c);
}

int callout_get_attributes(Definition *d, Failure *f) {
        _cleanup_free_ char *script = NULL;
        Output out = {};
        int r;

        if (!script_is_any())
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

        if (!script_is_any())
                return failure_set(f, STATUS_CALLOUT, -EOPNOTSUPP, "No callout script with version support found that "
                                   "supports live modify");
        if (mdevctl_format(d, d->start_auto, -1, &config) < 0)
                return failure_set(f, STATUS_FAILURE, -ENOMEM, "out of memory");
        signals_block(&old);
        r = ask(d, "live", "modify", "none", config, true, &script, NULL, f);
        if (r != -EOPNOTSUPP)
                notify(d, "modify", "none");
        signals_restore(&old);
        return r;
}
