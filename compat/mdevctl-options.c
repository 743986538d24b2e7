/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The options of all commands. getopt_long() splits the words; what it would be too generous about is refused here, as
 * mdevctl does. */
#include "mdevctl.h"

#include <getopt.h>
#include <stdint.h>
#include <string.h>

#include "base/keyvalue.h"

/* The version whose behaviour this has: scripts that ask for mdevctl's version want to know that one. */
#define MDEVCTL_VERSION "1.4.0"

/* Above all letters: what getopt_long() returns for an option without one. */
enum { ID_JSONFILE = 256, ID_ADDATTR, ID_VALUE, ID_DELATTR, ID_DUMPJSON };

typedef struct Option {
        unsigned bit;
        int id; /* its letter, or ID_... */
        const char *name, *full_name;
        const char *help; /* NULL: not listed */
} Option;

/* In the order of their bits. */
static const Option options[] = {
        { OPTION_UUID, 'u', "uuid", "--uuid <UUID>", "UUID of the device" },
        { OPTION_PARENT, 'p', "parent", "--parent <PARENT>", "its parent device" },
        { OPTION_TYPE, 't', "type", "--type <type>", "its type" },
        { OPTION_JSONFILE, ID_JSONFILE, "jsonfile", "--jsonfile <JSONFILE>",
          "type, start and attributes from this file" },
        { OPTION_AUTO, 'a', "auto", "--auto", "start it when its parent is there" },
        { OPTION_MANUAL, 'm', "manual", "--manual", "start it only by hand" },
        { OPTION_ADDATTR, ID_ADDATTR, "addattr", "--addattr <attr_name>", "add an attribute, with --value" },
        { OPTION_VALUE, ID_VALUE, "value", "--value <attr_value>", "value of that attribute" },
        { OPTION_DELATTR, ID_DELATTR, "delattr", "--delattr", "remove an attribute" },
        { OPTION_INDEX, 'i', "index", "--index <INDEX>", "place of the attribute, instead of the last" },
        { OPTION_LIVE, 'l', "live", "--live", "change the live device, with --jsonfile" },
        { OPTION_DEFINED, 'd', "defined", "--defined", "definitions" },
        { OPTION_DUMPJSON, ID_DUMPJSON, "dumpjson", "--dumpjson", "print JSON" },
        { OPTION_VERBOSE, 'v', "verbose", "--verbose", "print attributes, too" },
        { OPTION_FORCE, 'f', "force", "--force", "go on although a callout refuses" },
        { OPTION_HELP, 'h', "help", "--help", "Print help" },
        { OPTION_VERSION, 'V', "version", "--version", NULL },
};

/* The letters in this table, for getopt_long(), which returns operands in their order ("-"). */
#define LETTERS "-:u:p:t:ami:ldvfhV"

static bool has_option(const Command *c, const Option *option) {
        return (c->options | OPTION_HELP) & option->bit;
}

/* Returns NULL if the command has no such option. */
static const Option *option_by_id(const Command *c, int id) {
        for (size_t i = 0; i < ELEMENTSOF(options); i++)
                if (options[i].id == id && has_option(c, &options[i]))
                        return &options[i];
        return NULL;
}

/* The name of the first of these bits. */
static const char *option_name(unsigned bits) {
        return options[__builtin_ctz(bits)].full_name;
}

int print_command_help(const Command *c) {
        printf("%s\n\nUsage: %s\n\nOptions:\n", c->about, c->usage);
        for (size_t i = 0; i < ELEMENTSOF(options); i++) {
                const Option *o = &options[i];
                const char letter[] = { '-', (char) o->id, ',', '\0' };

                if (has_option(c, o) && o->help)
                        printf("  %3s %-22s  %s\n", o->id < ID_JSONFILE ? letter : "", o->full_name, o->help);
        }
        return 0;
}

int print_version(const Command *c) {
        printf("%.*s " MDEVCTL_VERSION " (mdev-tools " PACKAGE_VERSION ")\n", (int) strcspn(c->usage, " "), c->usage);
        return 0;
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
        const char **string = option->bit == OPTION_PARENT ? &o->parent
                : option->bit == OPTION_TYPE               ? &o->type
                : option->bit == OPTION_JSONFILE           ? &o->jsonfile
                : option->bit == OPTION_ADDATTR            ? &o->addattr
                : option->bit == OPTION_VALUE              ? &o->value
                                                           : NULL;

        if (o->given & option->bit)
                return report_usage_error(c, "the argument '%s' cannot be used multiple times", option->full_name);
        o->given |= option->bit;
        if (!value)
                return 0;
        if (option->bit == OPTION_UUID && parse_uuid(value, o->uuid) < 0)
                return report_usage_error(c, "invalid value '%s' for '%s': not a UUID", value, option->full_name);
        if (option->bit == OPTION_INDEX && keyvalue_parse_number(value, UINT32_MAX, &o->index) < 0)
                return report_usage_error(c, "invalid value '%s' for '%s': not a number", value, option->full_name);
        if (string)
                *string = value;
        if (value[0] == '\0' && option->bit != OPTION_VALUE)
                return report_usage_error(c, "a value is required for '%s' but none was supplied", option->full_name);
        return 0;
}

static int take_operand(const Command *c, const char *word, Options *o) {
        if (!c->operand || o->parent)
                return report_usage_error(c, "unexpected argument '%s' found", word);
        o->parent = word;
        return 1;
}

/* result is what getopt_long() returned for this word. Returns 1 to go on, 0 if all is done, -EINVAL after a
 * message. */
static int take_option(const Command *c, const char *word, int result, bool is_next_word, Options *o) {
        int id = result == '?' || result == ':' ? optopt : result;
        const Option *option = option_by_id(c, id);
        const char *value = optarg;
        bool is_letter = word[1] != '-';

        if (!option && is_letter)
                return report_usage_error(c, "unexpected argument '-%c' found", id);
        /* getopt_long() takes abbreviations, mdevctl refuses them */
        if (!option || (!is_letter && strcspn(word + 2, "=") != strlen(option->name)))
                return report_usage_error(c, "unexpected argument '%.*s' found", (int) strcspn(word, "="), word);
        if (result == '?')
                return report_usage_error(c, "unexpected value '%s' for '%s' found; no more were expected",
                                          strchr(word, '=') + 1, option->full_name);
        /* what begins with a dash is an option; a value that does has to be written with "=" */
        if (result == ':' || (is_next_word && value[0] == '-' && value[1] != '\0'))
                return report_usage_error(c, "a value is required for '%s' but none was supplied", option->full_name);
        if (option->bit == OPTION_HELP)
                return print_command_help(c);
        if (option->bit == OPTION_VERSION)
                return print_version(c);
        /* -u=UUID */
        if (value && is_letter && !is_next_word && value[0] == '=')
                value++;
        return set_option(c, option, value, o) < 0 ? -EINVAL : 1;
}

static int check_conflicts(const Command *c, const Options *o) {
        unsigned chosen = o->given & c->one_of;
        unsigned a = 0, b = 0;

        for (size_t i = 0; i < ELEMENTSOF(c->rules) && !b; i++) {
                a = c->rules[i].option;
                b = o->given & a ? o->given & c->rules[i].excludes : 0;
        }
        if (!b && c->exactly_one) {
                a = chosen;
                b = chosen & (chosen - 1); /* all but the first */
        }
        return b ? report_usage_error(c, "the argument '%s' cannot be used with '%s'", option_name(a), option_name(b))
                 : 0;
}

static int check_required(const Command *c, const Options *o) {
        unsigned missing = c->required & ~o->given;
        _cleanup_free_ char *text = NULL;
        const char *before = "\n  <";
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
                missing &= ~c->one_of;
                for (unsigned left = c->one_of; left; left &= left - 1) {
                        fprintf(f, "%s%s", before, option_name(left));
                        before = "|";
                }
                fputc('>', f);
        }
        for (; missing; missing &= missing - 1)
                fprintf(f, "\n  %s", option_name(missing));
        if (fclose(f) != 0)
                return -ENOMEM;
        return report_usage_error(c, "the following required arguments were not provided:%s", text);
}

int parse_command_line(const Command *c, int argc, char *argv[], Options *ret) {
        struct option longs[ELEMENTSOF(options) + 1] = {};
        int r = 1;

        for (size_t i = 0; i < ELEMENTSOF(options); i++)
                longs[i] = (struct option) { options[i].name, strchr(options[i].full_name, ' ') != NULL, NULL,
                                             options[i].id };
        while (r > 0) {
                const char *word = argv[optind];
                int result = getopt_long(argc, argv, LETTERS, longs, NULL);

                if (result < 0)
                        break;
                r = result == 1 ? take_operand(c, optarg, ret)
                                : take_option(c, word, result, optarg && optarg == argv[optind - 1], ret);
        }
        /* behind "--" */
        while (r > 0 && optind < argc)
                r = take_operand(c, argv[optind++], ret);
        if (r <= 0)
                return r;
        if (c->operand && !ret->parent)
                return report_usage_error(c, "the following required arguments were not provided:\n  <PARENT>");
        r = check_conflicts(c, ret);
        if (r >= 0)
                r = check_required(c, ret);
        return r < 0 ? r : 1;
}
