/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The command line of mdevctl: what libvirt, Nova, ansible roles and people speak to. */
#include "commands.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include "base/keyvalue.h"
#include "cli/failure-text.h"
#include "cli/program.h"
#include "base/text.h"

/* The version whose behaviour this has: who asks for mdevctl's version wants to know that. */
#define MDEVCTL_VERSION "1.4.0"

typedef struct Option {
        unsigned bit;
        char letter;
        const char *name;
        const char *value; /* NULL: takes none */
        const char *help;
} Option;

static const Option options[] = {
        { OPTION_UUID, 'u', "uuid", "<UUID>", "UUID of the device" },
        { OPTION_PARENT, 'p', "parent", "<PARENT>", "its parent device" },
        { OPTION_TYPE, 't', "type", "<type>", "its type" },
        { OPTION_JSONFILE, 0, "jsonfile", "<JSONFILE>", "type, start and attributes from this file" },
        { OPTION_AUTO, 'a', "auto", NULL, "start it when its parent is there" },
        { OPTION_MANUAL, 'm', "manual", NULL, "start it only by hand" },
        { OPTION_ADDATTR, 0, "addattr", "<attr_name>", "add an attribute, with --value" },
        { OPTION_VALUE, 0, "value", "<attr_value>", "value of that attribute" },
        { OPTION_DELATTR, 0, "delattr", NULL, "remove an attribute" },
        { OPTION_INDEX, 'i', "index", "<INDEX>", "place of the attribute, instead of the last" },
        { OPTION_LIVE, 'l', "live", NULL, "change the live device, with --jsonfile" },
        { OPTION_DEFINED, 'd', "defined", NULL, "definitions" },
        { OPTION_DUMPJSON, 0, "dumpjson", NULL, "print JSON" },
        { OPTION_VERBOSE, 'v', "verbose", NULL, "print attributes, too" },
        { OPTION_FORCE, 'f', "force", NULL, "go on although a callout refuses" },
};

/* An option of a command that needs another one, or does not go with some. */
typedef struct Rule {
        unsigned option, needs, excludes;
} Rule;

typedef struct Command {
        const char *name, *about;
        unsigned options;
        unsigned required; /* all of these */
        unsigned one_of;   /* at least one of these; for modify: exactly one */
        bool exactly_one;
        bool operand; /* takes a parent's name instead of options */
        Rule rules[6];
        int (*run)(const Options *o);
} Command;

static const Command commands[] = {
        { .name = "define",
          .about = "Define a device: written to /etc/mdevctl.d, a live one is left as it is",
          .options = OPTION_UUID | OPTION_PARENT | OPTION_TYPE | OPTION_AUTO | OPTION_JSONFILE | OPTION_FORCE,
          .one_of = OPTION_UUID | OPTION_PARENT,
          .rules = { { OPTION_JSONFILE, 0, OPTION_TYPE | OPTION_AUTO } },
          .run = command_define },
        { .name = "list",
          .about = "List live devices, or definitions",
          .options = OPTION_DEFINED | OPTION_DUMPJSON | OPTION_VERBOSE | OPTION_UUID | OPTION_PARENT,
          .run = command_list },
        { .name = "modify",
          .about = "Change a definition, or with --live a live device",
          .options = OPTION_UUID | OPTION_PARENT | OPTION_TYPE | OPTION_ADDATTR | OPTION_VALUE | OPTION_DELATTR |
                  OPTION_INDEX | OPTION_AUTO | OPTION_MANUAL | OPTION_LIVE | OPTION_DEFINED | OPTION_JSONFILE |
                  OPTION_FORCE,
          .required = OPTION_UUID,
          .one_of = OPTION_AUTO | OPTION_MANUAL | OPTION_ADDATTR | OPTION_DELATTR | OPTION_JSONFILE,
          .exactly_one = true,
          .rules = { { OPTION_ADDATTR, OPTION_VALUE, 0 },
                     { OPTION_VALUE, OPTION_ADDATTR, OPTION_DELATTR },
                     { OPTION_AUTO, 0, OPTION_INDEX | OPTION_VALUE },
                     { OPTION_MANUAL, 0, OPTION_INDEX | OPTION_VALUE },
                     { OPTION_LIVE, OPTION_JSONFILE, OPTION_TYPE | OPTION_INDEX | OPTION_VALUE },
                     { OPTION_JSONFILE, 0, OPTION_TYPE | OPTION_INDEX | OPTION_VALUE } },
          .run = command_modify },
        { .name = "start",
          .about = "Start a defined device, or a transient one",
          .options = OPTION_UUID | OPTION_PARENT | OPTION_TYPE | OPTION_JSONFILE | OPTION_FORCE,
          .one_of = OPTION_UUID | OPTION_PARENT,
          .rules = { { OPTION_JSONFILE, 0, OPTION_TYPE } },
          .run = command_start },
        { .name = "start-parent-mdevs", .operand = true, .run = command_start_parent },
        { .name = "stop",
          .about = "Stop a device",
          .options = OPTION_UUID | OPTION_FORCE,
          .required = OPTION_UUID,
          .run = command_stop },
        { .name = "types",
          .about = "List what can be made here",
          .options = OPTION_PARENT | OPTION_DUMPJSON,
          .run = command_types },
        { .name = "undefine",
          .about = "Remove a definition, a live device is left as it is",
          .options = OPTION_UUID | OPTION_PARENT | OPTION_FORCE,
          .required = OPTION_UUID,
          .run = command_undefine },
};

static bool is_lsmdev;

/* ---- messages ------------------------------------------------------------------------------------------------ */

static void say(const char *cause, const char *head, const char *format, va_list ap) _printf_(3, 0);
static void say(const char *cause, const char *head, const char *format, va_list ap) {
        _cleanup_free_ char *text = NULL, *out = NULL;
        size_t size;
        FILE *f;

        if (vasprintf(&text, format, ap) < 0)
                text = NULL;
        f = open_memstream(&out, &size);
        if (!f)
                return;
        fputs(head, f);
        /* names may hold anything; only our own line breaks are some */
        for (char *line = text ? text : (char *) "out of memory", *end; line; line = end) {
                end = strchr(line, '\n');
                if (end)
                        *end++ = '\0';
                text_print(f, line);
                fputc('\n', f);
        }
        if (cause) {
                fputs("\nCaused by:\n    ", f);
                text_print(f, cause);
                fputc('\n', f);
        }
        if (fclose(f) == 0)
                fputs(out, stderr);
}

int fail(const char *cause, const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        say(cause, "Error: ", format, ap);
        va_end(ap);
        return STATUS_FAILURE;
}

void warn(const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        say(NULL, "Warning: ", format, ap);
        va_end(ap);
}

const char *reason(const Failure *f) {
        static char *text;

        free(text);
        text = failure_text(f);
        return text ? text : "out of memory";
}

CalloutHooks callout_hooks = { .print = program_forward };

static void report_forced(CalloutAction action, const Failure *f) {
        warn("Forcing operation '%s' despite callout failure. Error was: %s", callout_action_to_string(action),
             reason(f));
}

/* ---- the command line ---------------------------------------------------------------------------------------- */

static void usage_line(FILE *f, const Command *c) {
        if (!c)
                fputs("Usage: mdevctl <COMMAND>\n", f);
        else if (is_lsmdev)
                fputs("Usage: lsmdev [OPTIONS]\n", f);
        else if (c->operand)
                fprintf(f, "Usage: mdevctl %s <PARENT>\n", c->name);
        else
                fprintf(f, "Usage: mdevctl %s [OPTIONS]%s\n", c->name, c->required ? " --uuid <UUID>" : "");
}

static int usage(const Command *c, const char *format, ...) _printf_(2, 3);
static int usage(const Command *c, const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        say(NULL, "error: ", format, ap);
        va_end(ap);
        fputc('\n', stderr);
        usage_line(stderr, c);
        fputs("\nFor more information, try '--help'.\n", stderr);
        return -EINVAL;
}

static int help(const Command *c) {
        if (!c) {
                puts("Mediated devices by mdevctl's command line, over mdev-tools\n");
                usage_line(stdout, NULL);
                puts("\nCommands:");
                for (size_t i = 0; i < ELEMENTSOF(commands); i++)
                        if (commands[i].about)
                                printf("  %-9s %s\n", commands[i].name, commands[i].about);
                puts("  help      Print this, or the help of a command\n\n"
                     "Options:\n  -h, --help     Print help\n  -V, --version  Print version\n\n"
                     "Exit status: 0 done, 1 failed, 2 wrong usage. mdevctl(8) has all of it.");
                return 0;
        }
        printf("%s\n\n", c->about ? c->about : "Start the automatic devices of a parent");
        usage_line(stdout, c);
        puts("\nOptions:");
        for (size_t i = 0; i < ELEMENTSOF(options); i++) {
                const Option *o = &options[i];
                char name[48];

                if (!(c->options & o->bit))
                        continue;
                (void) snprintf(name, sizeof(name), "--%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : "");
                printf("  %c%c%s %-22s  %s\n", o->letter ? '-' : ' ', o->letter ? o->letter : ' ',
                       o->letter ? "," : " ", name, o->help);
        }
        puts("  -h, --help                  Print help");
        return 0;
}

static int version(void) {
        printf("%s " MDEVCTL_VERSION " (mdev-tools " PACKAGE_VERSION ")\n", is_lsmdev ? "lsmdev" : "mdevctl");
        return 0;
}

static void full_name(const Option *o, char *ret, size_t size) {
        (void) snprintf(ret, size, "--%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : "");
}

static const Option *option_by_bit(unsigned bit) {
        for (size_t i = 0;; i++)
                if (options[i].bit & bit)
                        return &options[i];
}

/* In any form that mdevctl takes: with dashes or without, in braces, as URN; either case. */
static int parse_uuid(const char *s, char ret[static UUID_LENGTH + 1]) {
        char plain[UUID_LENGTH + 1];
        size_t n = strlen(s);

        if (n == 32) {
                (void) snprintf(plain, sizeof(plain), "%.8s-%.4s-%.4s-%.4s-%s", s, s + 8, s + 12, s + 16, s + 20);
                s = plain;
        } else if (n == UUID_LENGTH + 2 && s[0] == '{' && s[n - 1] == '}') {
                (void) snprintf(plain, sizeof(plain), "%.*s", UUID_LENGTH, s + 1);
                s = plain;
        } else if (strncmp(s, "urn:uuid:", strlen("urn:uuid:")) == 0)
                s += strlen("urn:uuid:");
        return uuid_parse(s, ret);
}

/* Returns 0 or, after a message, -EINVAL. */
static int set_option(const Command *c, const Option *option, const char *value, Options *o) {
        char name[64];

        full_name(option, name, sizeof(name));
        if (o->given & option->bit)
                return usage(c, "the argument '%s' cannot be used multiple times", name);
        o->given |= option->bit;
        if (!value)
                return 0;
        switch (option->bit) {
        case OPTION_UUID:
                if (parse_uuid(value, o->uuid) < 0)
                        return usage(c, "invalid value '%s' for '%s': not a UUID", value, name);
                break;
        case OPTION_INDEX:
                if (keyvalue_parse_number(value, UINT32_MAX, &o->index) < 0)
                        return usage(c, "invalid value '%s' for '%s': not a number", value, name);
                break;
        case OPTION_PARENT:
                o->parent = value;
                break;
        case OPTION_TYPE:
                o->type = value;
                break;
        case OPTION_JSONFILE:
                o->jsonfile = value;
                break;
        case OPTION_ADDATTR:
                o->addattr = value;
                break;
        case OPTION_VALUE:
                o->value = value;
                break;
        }
        if (value[0] == '\0' && option->bit != OPTION_VALUE)
                return usage(c, "a value is required for '%s' but none was supplied", name);
        return 0;
}

/* Takes one option with its value. attached is what stands behind it in the same word, or NULL.
 * Returns 0; or, after a message, -EINVAL. */
static int take_option(const Command *c, const Option *option, const char *attached, char ***args, Options *o) {
        char name[64];

        full_name(option, name, sizeof(name));
        if (!option->value)
                return attached ? usage(c, "unexpected value '%s' for '%s' found; no more were expected", attached, name)
                                : set_option(c, option, NULL, o);
        if (!attached) {
                attached = **args;
                if (!attached || (attached[0] == '-' && attached[1] != '\0'))
                        return usage(c, "a value is required for '%s' but none was supplied", name);
                (*args)++;
        }
        return set_option(c, option, attached, o);
}

static const Option *search_option(const Command *c, const char *name, size_t n, char letter) {
        for (size_t i = 0; i < ELEMENTSOF(options); i++)
                if ((c->options & options[i].bit) &&
                    (letter ? options[i].letter == letter
                            : strlen(options[i].name) == n && strncmp(options[i].name, name, n) == 0))
                        return &options[i];
        return NULL;
}

static bool has_version(const Command *c) {
        return c->run == command_list;
}

/* Takes a word of short options, of which only the last has a value. Returns 1, 0 when all is done, -EINVAL. */
static int take_letters(const Command *c, const char *word, char ***args, Options *o) {
        for (const char *p = word + 1; *p; p++) {
                const Option *option = search_option(c, NULL, 0, *p);
                const char *attached;

                if (!option && *p == 'h')
                        return help(c);
                if (!option && *p == 'V' && has_version(c))
                        return version();
                if (!option)
                        return usage(c, "unexpected argument '-%c' found", *p);
                if (!option->value) {
                        if (set_option(c, option, NULL, o) < 0)
                                return -EINVAL;
                        continue;
                }
                attached = p[1] == '=' ? p + 2 : p[1] ? p + 1 : NULL;
                return take_option(c, option, attached, args, o) < 0 ? -EINVAL : 1;
        }
        return 1;
}

static int take_word(const Command *c, const char *word, char ***args, Options *o) {
        const char *equals = strchr(word, '=');
        size_t n = equals ? (size_t) (equals - word) - 2 : strlen(word) - 2;
        const Option *option = search_option(c, word + 2, n, 0);

        if (option)
                return take_option(c, option, equals ? equals + 1 : NULL, args, o) < 0 ? -EINVAL : 1;
        if (strcmp(word, "--help") == 0)
                return help(c);
        if (strcmp(word, "--version") == 0 && has_version(c))
                return version();
        return usage(c, "unexpected argument '%.*s' found", (int) n + 2, word);
}

static int check_rules(const Command *c, const Options *o) {
        char a[64], b[64];

        for (size_t i = 0; i < ELEMENTSOF(c->rules); i++) {
                const Rule *rule = &c->rules[i];

                if (!(o->given & rule->option))
                        continue;
                full_name(option_by_bit(rule->option), a, sizeof(a));
                if (o->given & rule->excludes) {
                        full_name(option_by_bit(o->given & rule->excludes), b, sizeof(b));
                        return usage(c, "the argument '%s' cannot be used with '%s'", a, b);
                }
        }
        if (c->exactly_one && __builtin_popcount(o->given & c->one_of) > 1) {
                unsigned first = o->given & c->one_of & -(o->given & c->one_of);

                full_name(option_by_bit(first), a, sizeof(a));
                full_name(option_by_bit(o->given & c->one_of & ~first), b, sizeof(b));
                return usage(c, "the argument '%s' cannot be used with '%s'", a, b);
        }
        return 0;
}

/* What is missing. */
static int check_required(const Command *c, const Options *o) {
        unsigned missing = c->required & ~o->given;
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f;

        if (!(o->given & c->one_of))
                missing |= c->one_of;
        for (size_t i = 0; i < ELEMENTSOF(c->rules); i++)
                if (o->given & c->rules[i].option)
                        missing |= c->rules[i].needs & ~o->given;
        if (!missing)
                return 0;
        f = open_memstream(&text, &size);
        if (!f)
                return -ENOMEM;
        if (c->exactly_one && (missing & c->one_of) == c->one_of) {
                const char *before = "\n  <";

                missing &= ~c->one_of;
                for (size_t i = 0; i < ELEMENTSOF(options); i++)
                        if (c->one_of & options[i].bit) {
                                char name[64];

                                full_name(&options[i], name, sizeof(name));
                                fprintf(f, "%s%s", before, name);
                                before = "|";
                        }
                fputc('>', f);
        }
        for (size_t i = 0; i < ELEMENTSOF(options); i++)
                if (missing & options[i].bit) {
                        char name[64];

                        full_name(&options[i], name, sizeof(name));
                        fprintf(f, "\n  %s", name);
                }
        if (fclose(f) != 0)
                return -ENOMEM;
        return usage(c, "the following required arguments were not provided:%s", text);
}

/* Returns 1 to go on, 0 when all is done, or -EINVAL after a message. */
static int parse_command(const Command *c, char **args, Options *o) {
        int r;

        while (*args) {
                const char *word = *args++;

                if (word[0] == '-' && word[1] == '-' && word[2] != '\0')
                        r = take_word(c, word, &args, o);
                else if (word[0] == '-' && word[1] != '-' && word[1] != '\0')
                        r = take_letters(c, word, &args, o);
                else if (c->operand && !o->parent && strcmp(word, "--") != 0) {
                        o->parent = word;
                        r = 1;
                } else
                        r = usage(c, "unexpected argument '%s' found", word);
                if (r <= 0)
                        return r;
        }
        if (c->operand && !o->parent)
                return usage(c, "the following required arguments were not provided:\n  <PARENT>");
        r = check_rules(c, o);
        if (r >= 0)
                r = check_required(c, o);
        return r < 0 ? r : 1;
}

static const Command *search_command(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(commands); i++)
                if (strcmp(commands[i].name, name) == 0)
                        return &commands[i];
        return NULL;
}

/* Returns 1 with the command, 0 when all is done, or -EINVAL. */
static int find_command(char **args, const Command **ret) {
        const char *word = args[0];

        if (!word) {
                fputs("Mediated devices by mdevctl's command line: give a command, or --help\n\n", stderr);
                usage_line(stderr, NULL);
                return -EINVAL;
        }
        if (strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0)
                return help(NULL);
        if (strcmp(word, "-V") == 0 || strcmp(word, "--version") == 0)
                return version();
        if (strcmp(word, "help") == 0) {
                if (!args[1])
                        return help(NULL);
                word = args[1];
        }
        *ret = search_command(word);
        if (!*ret && word[0] == '-')
                return usage(NULL, "unexpected argument '%s' found", word);
        if (!*ret)
                return usage(NULL, "unrecognized subcommand '%s'", word);
        return word == args[0] ? 1 : help(*ret);
}

static int run(int argc, char *argv[]) {
        const Command *c = NULL;
        Options o = {};
        size_t n = argc > 0 ? strlen(argv[0]) : 0;
        int r;

        is_lsmdev = n >= strlen("lsmdev") && strcmp(argv[0] + n - strlen("lsmdev"), "lsmdev") == 0;
        if (is_lsmdev) {
                c = search_command("list");
                r = 1;
        } else
                r = find_command(argv + (argc > 0), &c);
        if (r > 0)
                r = parse_command(c, argv + (is_lsmdev ? 1 : 2), &o);
        if (r <= 0)
                return r < 0 ? STATUS_USAGE : STATUS_DONE;
        if (o.given & OPTION_FORCE)
                callout_hooks.force = report_forced;
        assert(c);
        return c->run(&o);
}

DEFINE_MAIN_FUNCTION(.run = run)
