/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <sys/stat.h>

#include "sim.h"

static uint64_t last_ino;
Node *root;

Node *node_ref(Node *n) {
        n->refs++;
        return n;
}

void node_unref(Node *n) {
        while (n && --n->refs == 0) {
                Node *parent = n->parent;

                free(n->name);
                free(n->target);
                free(n);
                n = parent; /* a path can be told even of what is gone: each holds what it was in */
        }
}

static Node *node_new(Node *parent, const char *name, mode_t mode) {
        Node *n = must(calloc(1, sizeof(*n)));

        n->name = must(strdup(name));
        n->mode = mode;
        n->ino = ++last_ino;
        n->refs = 1;
        if (parent) {
                n->parent = node_ref(parent);
                n->device = parent->device;
                n->next = parent->first;
                parent->first = n;
        }
        return n;
}

Node *node_dir(Node *parent, const char *name) {
        return node_new(parent, name, S_IFDIR | 0755);
}

static Node *dirs_below(Node *dir, const char *path) {
        _cleanup_free_ char *copy = must(strdup(path));
        char *rest = copy;

        for (char *name; (name = strsep(&rest, "/"));) {
                Node *next = node_child(dir, name);
                dir = next ? next : node_dir(dir, name);
        }
        return dir;
}

Node *node_dirs(const char *path) {
        if (!root)
                root = node_dir(NULL, "");
        return dirs_below(root, path);
}

Node *node_file(Node *dir, const char *name, mode_t mode, const FileOps *ops, void *data) {
        _cleanup_free_ char *copy = must(strdup(name));
        char *slash = strrchr(copy, '/');
        Node *n;

        if (slash) {
                *slash = '\0';
                dir = dirs_below(dir, copy);
        }
        n = node_new(dir, slash ? slash + 1 : name, S_IFREG | mode);
        n->ops = ops;
        n->data = data;
        return n;
}

static unsigned depth(const Node *n) {
        unsigned d = 0;

        for (; n->parent; n = n->parent)
                d++;
        return d;
}

/* As sysfs: up to the first directory that the two have in common, and down from there. */
static char *relative_path(const Node *dir, const Node *target) {
        _cleanup_free_ char *down = node_path(target), *up = NULL;
        const Node *common = target;
        char *text = NULL;
        size_t size;
        FILE *f = must(open_memstream(&text, &size));

        while (depth(common) > depth(dir))
                common = common->parent;
        for (; dir != common; dir = dir->parent) {
                if (depth(dir) == depth(common))
                        common = common->parent;
                fputs("../", f);
        }
        up = node_path(common);
        fputs(down + (common->parent ? strlen(up) : 0) + 1, f);
        fclose(f);
        return must(text);
}

Node *node_link(Node *dir, const char *name, const Node *target) {
        Node *n = node_new(dir, name, S_IFLNK | 0777);

        n->target = relative_path(dir, target);
        return n;
}

Node *node_child(const Node *dir, const char *name) {
        Node *n = dir->gone ? NULL : dir->first;

        while (n && strcmp(n->name, name) != 0)
                n = n->next;
        return n;
}

char *node_path(const Node *n) {
        char *path = must(strdup(n->parent ? "" : "/"));

        for (; n->parent; n = n->parent) {
                char *longer;

                if (asprintf(&longer, "/%s%s", n->name, path) < 0)
                        must(NULL);
                free(path);
                path = longer;
        }
        return path;
}

const char *node_file_name(const Node *n, char buf[static 256]) {
        bool in_group = n->device && n->parent && n->parent != n->device->dir;

        (void) snprintf(buf, 256, "%.120s%s%.120s", in_group ? n->parent->name : "", in_group ? "/" : "", n->name);
        return buf;
}

static void mark_gone(Node *n) {
        n->gone = true;
        for (Node *c = n->first; c; c = c->next)
                mark_gone(c);
}

static void drain(Node *n) {
        while (n->active > 0)
                sim_wait();
        for (Node *c = n->first; c; c = c->next)
                drain(c);
}

static void release(Node *n) {
        while (n->first) {
                Node *c = n->first;

                n->first = c->next;
                release(c);
        }
        n->device = NULL;
        node_unref(n);
}

void node_remove(Node *n) {
        Node **p;

        if (!n || n->gone)
                return;
        mark_gone(n);
        for (p = &n->parent->first; *p != n; p = &(*p)->next)
                ;
        *p = n->next;
        drain(n);
        release(n);
}

void node_remove_self(Node *n) {
        unsigned active = n->active;

        n->active = 0;
        node_ref(n);
        node_remove(n);
        n->active = active;
        node_unref(n);
}
