/* A digit for the service, then a configuration file. */
#include "base/json.h"
#include "base/memory.h"
#include "configs/option.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>

enum {
    PRINTED_BYTES_MAX = 64 * 1024
};

static enum config_service service_of(const char *line)
{
    static const enum config_service services[] = {CONFIG_EVENTSERVICE, CONFIG_BOOKINGSERVICE,
                                                   CONFIG_SEARCHSERVICE};

    return services[(unsigned char)*line % ARRAY_SIZE(services)];
}

static void closep(FILE **file)
{
    if (*file)
        fclose(*file);
}

static void print(const struct config *config, char text[PRINTED_BYTES_MAX])
{
    CLEANUP(closep) FILE *stream = fmemopen(text, PRINTED_BYTES_MAX, "w");

    MUST(stream);
    config_answer(config, CONFIG_PRINT, stream);
}

/* What is printed is a file that says the same; not taken only where hidden passwords are in the way. */
static void come_back(const struct config *config)
{
    static char text[PRINTED_BYTES_MAX];
    static char text_again[PRINTED_BYTES_MAX];
    struct config again = {.service = config->service};
    struct error error = {0};
    size_t n;

    print(config, text);
    n = strlen(text);
    MUST(n > 2 && n < sizeof(text) - 1);
    if (!config_read_file(&again, fuzz_file(text, n), &error)) {
        MUST(strstr(text, "***"));
        return;
    }
    print(&again, text_again);
    MUST(strcmp(text, text_again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size);
    CLEANUP(memory_freep) char *line = fuzz_line(&input);
    char program[] = "service";
    char *argv[] = {program, NULL};
    char *environment[] = {NULL};
    enum config_request request;
    struct config config;
    struct error error = {0};

    MUST(config_load(service_of(line), 1, argv, environment, &config, &request, NULL));
    if (config_read_file(&config, fuzz_file(input.at, input.left_bytes), &error))
        come_back(&config);
    else
        fuzz_must_be_refusal(&error);
    return 0;
}
