#include "base/base64.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct {
    const char *bytes;
    const char *text;
} rows[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

Test(base64, writes_and_reads_what_the_rfc_shows)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        CLEANUP(buffer_clear) struct buffer text = {0};
        CLEANUP(buffer_clear) struct buffer bytes = {0};
        struct error error = {0};

        buffer_init(&text, 100);
        buffer_init(&bytes, 100);
        base64_write(rows[i].bytes, strlen(rows[i].bytes), &text);
        cr_assert(base64_read(rows[i].text, &bytes, &error), "%s", error.text);

        cr_expect_str_eq(text.size_bytes ? text.data : "", rows[i].text);
        cr_expect_str_eq(bytes.size_bytes ? bytes.data : "", rows[i].bytes);
    }
}

Test(base64, returns_bytes_of_any_length)
{
    unsigned char all[256];

    for (size_t n = 0; n < sizeof(all); n++)
        all[n] = (unsigned char)(n * 7);
    for (size_t n = 0; n < sizeof(all); n++) {
        CLEANUP(buffer_clear) struct buffer text = {0};
        CLEANUP(buffer_clear) struct buffer bytes = {0};

        buffer_init(&text, 1000);
        buffer_init(&bytes, 1000);
        base64_write(all, n, &text);
        cr_assert(buffer_ok(&text, NULL));
        cr_assert(base64_read(n ? text.data : "", &bytes, NULL));

        cr_assert_eq(bytes.size_bytes, n);
        cr_expect(n == 0 || memcmp(bytes.data, all, n) == 0);
    }
}

Test(base64, refuses_what_is_none)
{
    static const char *const bad[] = {
        "Z",
        "Zg",
        "Zg=",
        "Zg==Zg==",
        "Zm9v!",
        "Zm 9v",
        "=",
        "Zm-_",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==AAAA",
        "\xFF\xFF\xFF\xFF",
        "Zm9v\xF4\x90\x80\x80",
        "Zm\xC3\xB6",
    };

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        CLEANUP(buffer_clear) struct buffer bytes = {0};
        struct error error = {0};

        buffer_init(&bytes, 100);
        cr_expect_not(base64_read(bad[i], &bytes, &error), "%s", bad[i]);
        cr_expect_eq(error.code, ERROR_INVALID);
    }
}
