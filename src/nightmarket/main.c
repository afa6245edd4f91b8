#include "nightmarket/commands.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} commands[] = {
#define X(name, run, help) {name, run, help},
    COMMAND_TABLE(X)
#undef X
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void print_help(FILE *to)
{
    (void)fprintf(to, "nightmarket " NM_VERSION ": live commerce in one program\n\n"
                      "usage: nightmarket <command> [arguments]\n\n");
    for (size_t i = 0; i < COMMANDS; i++)
        (void)fprintf(to, "  %-18s %s\n", commands[i].name, commands[i].help);
    (void)fprintf(to, "\nSettings come from the environment and .env; see .env.example.\n");
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "--help";
    if (strcmp(name, "--version") == 0) {
        (void)printf("nightmarket %s\n", NM_VERSION);
        return 0;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "help") == 0) {
        print_help(stdout);
        return argc > 1 ? 0 : 2;
    }
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    (void)fprintf(stderr, "nightmarket: no command '%s'\n\n", name);
    print_help(stderr);
    return 2;
}
