#include "tools/checker/checker.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum {
    LINE_BYTES = 512,
    MEMORY_BYTES = 16 * 1024 * 1024
};

/* Short forms of lines, in the order of the members: a quotation mark is written '. */
#define CREATE(start, end, capacity)                                                               \
    "{'op':'create','start':" #start ",'end':" #end ",'outcome':'ok','event':'e','version':1,"     \
    "'capacity':" #capacity "}\n"
#define BOOK(start, end, key, seats, id)                                                           \
    "{'op':'book','start':" #start ",'end':" #end ",'outcome':'ok','event':'e','key':'" #key       \
    "','seats':" #seats ",'booking':'" #id "'}\n"
#define LOST(start, end, key, seats)                                                               \
    "{'op':'book','start':" #start ",'end':" #end ",'outcome':'info','event':'e','key':'" #key     \
    "','seats':" #seats "}\n"
#define REFUSED(start, end, seats, left)                                                           \
    "{'op':'book','start':" #start ",'end':" #end ",'outcome':'fail','reason':'sold-out',"         \
    "'event':'e','seats':" #seats ",'left':" #left "}\n"
#define CANCEL(start, end, outcome, id)                                                            \
    "{'op':'cancel','start':" #start ",'end':" #end ",'outcome':'" #outcome "','booking':'" #id    \
    "'}\n"
#define READ(start, end, left)                                                                     \
    "{'op':'read','start':" #start ",'end':" #end ",'outcome':'ok','event':'e','left':" #left "}"  \
    "\n"
#define SAW(start, end, entry)                                                                     \
    "{'op':'read','start':" #start ",'end':" #end ",'outcome':'ok','event':'e','entry':" #entry    \
    "}\n"
#define ENTRY(sequence, version, capacity, sold, seats)                                            \
    "{'op':'entry','event':'e','entry':" #sequence ",'version':" #version ",'capacity':" #capacity \
    ",'sold':" #sold ",'token':'t" #sequence "'" seats "}\n"
#define BOOKED(id, seats) ",'booked':[{'id':'" #id "','seats':" #seats "}]"
#define BOTH(a, seats_a, b, seats_b)                                                               \
    ",'booked':[{'id':'" #a "','seats':" #seats_a "},{'id':'" #b "','seats':" #seats_b "}]"
#define CANCELLED(id, seats) ",'cancelled':[{'id':'" #id "','seats':" #seats "}]"
#define BOOKING(id, seats, cancelled)                                                              \
    "{'op':'booking','event':'e','id':'" #id "','seats':" #seats ",'cancelled':" #cancelled "}\n"
#define MESSAGE(id, name, body)                                                                    \
    "{'op':'message','id':'" id "','name':'" name "','body':'" #body "'}\n"
#define DOCUMENT(store, kind, id, version, waiting)                                                \
    "{'op':'document','store':'" #store "','kind':'" #kind "','id':'" #id "','version':" #version  \
    ",'waiting':" #waiting "}\n"
#define FINAL(reading) "{'op':'final','read':'" #reading "'}\n"

#define OPENED ENTRY(0, 1, 10, 0, "")

/* A history, and what it breaks: nothing, or one invariant so many times. */
struct row {
    const char *name;
    const char *lines;
    enum invariant broken;
    uint64_t times;
};

static const struct row rows[] = {
    {"nothing happened", "", 0, 0},
    {"one booking", BOOK(1, 2, k, 1, b), 0, 0},

    /* ---- with a ledger ---- */

    {"a whole life",
     CREATE(0, 5, 10) BOOK(10, 20, k, 2, b) CANCEL(30, 40, ok, b)
         OPENED ENTRY(1, 1, 10, 2, BOOKED(b, 2)) ENTRY(2, 1, 10, 0, CANCELLED(b, 2)) FINAL(ledger),
     0, 0},
    {"more is sold than there is",
     BOOK(1, 2, k, 2, a) BOOK(1, 2, l, 9, b) OPENED ENTRY(1, 1, 10, 11, BOTH(a, 2, b, 9))
         FINAL(ledger),
     INVARIANT_NO_OVERSELL, 1},
    {"capacity falls below what is sold",
     BOOK(1, 2, k, 9, b) OPENED ENTRY(1, 1, 10, 9, BOOKED(b, 9)) ENTRY(2, 2, 5, 9, "")
         FINAL(ledger),
     0, 0},
    {"sums do not add up",
     BOOK(1, 2, k, 2, b) OPENED ENTRY(1, 1, 10, 1, BOOKED(b, 2)) FINAL(ledger),
     INVARIANT_NO_OVERSELL, 1},
    {"a gap", OPENED ENTRY(2, 1, 10, 0, "") FINAL(ledger), INVARIANT_WHOLE_LEDGER, 1},
    {"no beginning", ENTRY(1, 1, 10, 0, "") FINAL(ledger), INVARIANT_WHOLE_LEDGER, 1},
    {"an entry twice",
     OPENED ENTRY(1, 2, 10, 0, "") "{'op':'entry','event':'e','entry':1,"
                                   "'version':2,'sold':0,'token':'u'}\n" FINAL(ledger),
     INVARIANT_WHOLE_LEDGER, 1},
    {"a token twice",
     OPENED "{'op':'entry','event':'e','entry':1,'version':1,'sold':0,"
            "'token':'t0'}\n" FINAL(ledger),
     INVARIANT_WHOLE_LEDGER, 1},
    {"a version falls", ENTRY(0, 2, 10, 0, "") ENTRY(1, 1, 10, 0, "") FINAL(ledger),
     INVARIANT_WHOLE_LEDGER, 1},
    {"other seats come back than were booked",
     BOOK(1, 2, k, 2, b) CANCEL(3, 4, ok, b) OPENED ENTRY(1, 1, 10, 2, BOOKED(b, 2))
         ENTRY(2, 1, 10, 1, CANCELLED(b, 1)) FINAL(ledger),
     INVARIANT_WHOLE_LEDGER, 1},
    {"a booking is lost", BOOK(1, 2, k, 1, b) OPENED FINAL(ledger), INVARIANT_NOTHING_LOST, 1},
    {"a booking has other seats",
     BOOK(1, 2, k, 2, b) OPENED ENTRY(1, 1, 10, 1, BOOKED(b, 1)) FINAL(ledger),
     INVARIANT_NOTHING_LOST, 1},
    {"two clients were given one booking",
     BOOK(1, 2, k, 1, b) BOOK(1, 2, l, 1, b) OPENED ENTRY(1, 1, 10, 1, BOOKED(b, 1)) FINAL(ledger),
     INVARIANT_NOTHING_LOST, 1},
    {"a cancellation is lost",
     BOOK(1, 2, k, 1, b) CANCEL(3, 4, ok, b) OPENED ENTRY(1, 1, 10, 1, BOOKED(b, 1)) FINAL(ledger),
     INVARIANT_NOTHING_LOST, 1},
    {"a version is lost", CREATE(0, 1, 10) ENTRY(0, 0, 10, 0, "") FINAL(ledger),
     INVARIANT_NOTHING_LOST, 1},
    {"an unknown outcome that landed",
     LOST(1, 2, k, 1) OPENED ENTRY(1, 1, 10, 1, BOOKED(b, 1)) FINAL(ledger), 0, 0},
    {"an unknown outcome that did not", LOST(1, 2, k, 1) OPENED FINAL(ledger), 0, 0},
    {"an unknown outcome, then known",
     LOST(1, 2, k, 1) BOOK(3, 4, k, 1, b) OPENED ENTRY(1, 1, 10, 1, BOOKED(b, 1)) FINAL(ledger), 0,
     0},
    {"a booking nobody asked for", OPENED ENTRY(1, 1, 10, 1, BOOKED(b, 1)) FINAL(ledger),
     INVARIANT_NOTHING_INVENTED, 1},
    {"a refused booking is there",
     REFUSED(1, 2, 11, 10) OPENED ENTRY(1, 1, 20, 11, BOOKED(b, 11)) FINAL(ledger),
     INVARIANT_NOTHING_INVENTED, 1},
    {"one unknown outcome and two bookings",
     LOST(1, 2, k, 1) LOST(3, 4, k, 1) OPENED ENTRY(1, 1, 10, 2, BOTH(a, 1, b, 1)) FINAL(ledger),
     INVARIANT_NOTHING_INVENTED, 1},
    {"an unknown outcome with other seats",
     LOST(1, 2, k, 1) OPENED ENTRY(1, 1, 10, 2, BOOKED(b, 2)) FINAL(ledger),
     INVARIANT_NOTHING_INVENTED, 1},
    {"a cancellation nobody asked for",
     BOOK(1, 2, k, 1, b) CANCEL(3, 4, fail, b) OPENED ENTRY(1, 1, 10, 1, BOOKED(b, 1))
         ENTRY(2, 1, 10, 0, CANCELLED(b, 1)) FINAL(ledger),
     INVARIANT_NOTHING_INVENTED, 1},
    {"one key, two bookings",
     BOOK(1, 2, k, 1, a) BOOK(3, 4, k, 1, b) BOOK(5, 6, k, 1, a) BOOK(7, 8, k, 1, b)
         OPENED ENTRY(1, 1, 10, 2, BOTH(a, 1, b, 1)) FINAL(ledger),
     INVARIANT_AT_MOST_ONCE, 1},
    {"a booking stands twice",
     BOOK(1, 2, k, 1, b) OPENED ENTRY(1, 1, 10, 1, BOOKED(b, 1)) ENTRY(2, 1, 10, 2, BOOKED(b, 1))
         FINAL(ledger),
     INVARIANT_AT_MOST_ONCE, 1},
    {"a booking is cancelled twice",
     BOOK(1, 2, k, 1, b) CANCEL(3, 4, ok, b) LOST(1, 2, l, 1)
         OPENED ENTRY(1, 1, 10, 2, BOTH(b, 1, c, 1)) ENTRY(2, 1, 10, 1, CANCELLED(b, 1))
             ENTRY(3, 1, 10, 0, CANCELLED(b, 1)) FINAL(ledger),
     INVARIANT_AT_MOST_ONCE, 1},
    {"later in the ledger than what began when it was known",
     BOOK(1, 2, k, 1, a) BOOK(3, 4, l, 1, b) OPENED ENTRY(1, 1, 10, 1, BOOKED(b, 1))
         ENTRY(2, 1, 10, 2, BOOKED(a, 1)) FINAL(ledger),
     INVARIANT_REAL_TIME, 1},
    {"at the same time, in any order",
     BOOK(1, 4, k, 1, a) BOOK(3, 6, l, 1, b) OPENED ENTRY(1, 1, 10, 1, BOOKED(b, 1))
         ENTRY(2, 1, 10, 2, BOOKED(a, 1)) FINAL(ledger),
     0, 0},
    {"an old state is shown",
     BOOK(1, 2, k, 1, a) SAW(3, 4, 0) OPENED ENTRY(1, 1, 10, 1, BOOKED(a, 1)) FINAL(ledger),
     INVARIANT_REAL_TIME, 1},
    {"a state is shown before it was asked for",
     SAW(1, 2, 1) BOOK(3, 4, k, 1, a) OPENED ENTRY(1, 1, 10, 1, BOOKED(a, 1)) FINAL(ledger),
     INVARIANT_REAL_TIME, 1},
    {"states in turn",
     SAW(1, 2, 0) BOOK(3, 4, k, 1, a) SAW(5, 6, 1) OPENED ENTRY(1, 1, 10, 1, BOOKED(a, 1))
         FINAL(ledger),
     0, 0},
    {"refused while nothing was sold", REFUSED(1, 2, 1, 0) OPENED FINAL(ledger), INVARIANT_REFUSALS,
     1},
    {"refused from an old state",
     BOOK(1, 2, k, 10, a) CANCEL(3, 4, ok, a) REFUSED(5, 6, 1, 0) OPENED ENTRY(
         1, 1, 10, 10, BOOKED(a, 10)) ENTRY(2, 1, 10, 0, CANCELLED(a, 10)) FINAL(ledger),
     INVARIANT_REFUSALS, 1},
    {"refused before the seats were sold",
     REFUSED(1, 2, 1, 0) BOOK(3, 4, k, 10, a) OPENED ENTRY(1, 1, 10, 10, BOOKED(a, 10))
         FINAL(ledger),
     INVARIANT_REFUSALS, 1},
    {"refused while the seats were sold",
     BOOK(1, 4, k, 10, a) REFUSED(2, 3, 1, 0) OPENED ENTRY(1, 1, 10, 10, BOOKED(a, 10))
         FINAL(ledger),
     0, 0},
    {"refused after part was sold",
     BOOK(1, 2, k, 8, a) REFUSED(3, 4, 3, 2) OPENED ENTRY(1, 1, 10, 8, BOOKED(a, 8)) FINAL(ledger),
     0, 0},
    {"refused with a wrong number",
     BOOK(1, 2, k, 8, a) REFUSED(3, 4, 3, 1) OPENED ENTRY(1, 1, 10, 8, BOOKED(a, 8)) FINAL(ledger),
     INVARIANT_REFUSALS, 1},
    {"refused where there is no limit",
     REFUSED(1, 2, 3, 1) "{'op':'entry','event':'e','entry':0,'sold':0}\n" FINAL(ledger),
     INVARIANT_REFUSALS, 1},

    /* ---- without one ---- */

    {"a list",
     CREATE(0, 1, 2) BOOK(2, 3, k, 1, a) LOST(4, 5, l, 1) BOOKING(a, 1, false) BOOKING(b, 1, false)
         FINAL(bookings),
     0, 0},
    {"more at one moment than there is",
     CREATE(0, 1, 1) BOOK(2, 3, k, 1, a) BOOK(2, 3, l, 1, b) BOOKING(a, 1, false)
         BOOKING(b, 1, false) FINAL(bookings),
     INVARIANT_NO_OVERSELL, 1},
    {"given back in between",
     CREATE(0, 1, 1) BOOK(2, 3, k, 1, a) CANCEL(4, 5, ok, a) BOOK(6, 7, l, 1, b) BOOKING(a, 1, true)
         BOOKING(b, 1, false) FINAL(bookings),
     0, 0},
    {"given back too late",
     CREATE(0, 1, 1) BOOK(2, 3, k, 1, a) BOOK(4, 5, l, 1, b) CANCEL(6, 7, ok, a) BOOKING(a, 1, true)
         BOOKING(b, 1, false) FINAL(bookings),
     INVARIANT_NO_OVERSELL, 1},
    {"missing in a list", BOOK(2, 3, k, 1, a) FINAL(bookings), INVARIANT_NOTHING_LOST, 1},
    {"cancelled, and not so in the list",
     BOOK(2, 3, k, 1, a) CANCEL(4, 5, ok, a) BOOKING(a, 1, false) FINAL(bookings),
     INVARIANT_NOTHING_LOST, 1},
    {"not cancelled, but so in the list", BOOK(2, 3, k, 1, a) BOOKING(a, 1, true) FINAL(bookings),
     INVARIANT_NOTHING_INVENTED, 1},
    {"in the list only", BOOKING(a, 1, false) FINAL(bookings), INVARIANT_NOTHING_INVENTED, 1},
    {"twice in a list",
     BOOK(2, 3, k, 1, a) BOOKING(a, 1, false) BOOKING(a, 1, false) FINAL(bookings),
     INVARIANT_AT_MOST_ONCE, 1},
    {"refused with seats to spare",
     CREATE(0, 1, 3) BOOK(2, 3, k, 1, a) REFUSED(4, 5, 2, 1) BOOKING(a, 1, false) FINAL(bookings),
     INVARIANT_REFUSALS, 1},
    {"refused at the limit",
     CREATE(0, 1, 3) BOOK(2, 3, k, 2, a) REFUSED(4, 5, 2, 1) BOOKING(a, 2, false) FINAL(bookings),
     0, 0},
    {"an old number of free seats",
     CREATE(0, 1, 3) BOOK(2, 3, k, 2, a) READ(4, 5, 3) BOOKING(a, 2, false) FINAL(bookings),
     INVARIANT_REAL_TIME, 1},
    {"a number of free seats too early",
     CREATE(0, 1, 3) READ(2, 3, 1) BOOK(4, 5, k, 2, a) BOOKING(a, 2, false) FINAL(bookings),
     INVARIANT_REAL_TIME, 1},
    {"either number of free seats while a booking is made",
     CREATE(0, 1, 3) BOOK(2, 5, k, 2, a) READ(3, 4, 3) READ(3, 4, 1) BOOKING(a, 2, false)
         FINAL(bookings),
     0, 0},
    {"free seats are not told", CREATE(0, 1, 3) SAW(2, 3, 0) FINAL(bookings), 0, 0},

    /* ---- messages, copies, ends ---- */

    {"all is told",
     BOOK(1, 2, k, 2, b) CANCEL(3, 4, ok, b) OPENED ENTRY(1, 1, 10, 2, BOOKED(b, 2))
         ENTRY(2, 1, 10, 0, CANCELLED(b, 2)) FINAL(ledger) DOCUMENT(catalogue, event, e, 1, 0)
             DOCUMENT(copy, event, e, 1, 0) FINAL(documents) MESSAGE("e:1", "event.created", x)
                 MESSAGE("e:1:b0", "event.booked", y) MESSAGE("e:1:b0", "event.booked", y)
                     MESSAGE("e:2:x0", "booking.cancelled", z) FINAL(messages) FINAL(levels),
     0, 0},
    {"a booking is not told of",
     BOOK(1, 2, k, 2, b) OPENED ENTRY(1, 1, 10, 2, BOOKED(b, 2)) FINAL(ledger) FINAL(documents)
         FINAL(messages),
     INVARIANT_MESSAGES, 1},
    {"a version is not told of",
     OPENED FINAL(ledger) DOCUMENT(catalogue, location, l, 2, 0) DOCUMENT(copy, location, l, 2, 0)
         FINAL(documents) MESSAGE("l:2", "location.updated", x) FINAL(messages),
     INVARIANT_MESSAGES, 1},
    {"a message of nothing",
     FINAL(ledger) FINAL(documents) MESSAGE("e:1:b0", "event.booked", y) FINAL(messages),
     INVARIANT_MESSAGES, 1},
    {"one id, two bodies", MESSAGE("e:1", "event.created", x) MESSAGE("e:1", "event.created", y),
     INVARIANT_MESSAGES, 1},
    {"one id, two names", MESSAGE("e:1", "event.created", x) MESSAGE("e:1", "event.updated", x),
     INVARIANT_MESSAGES, 1},
    {"a copy is behind",
     DOCUMENT(catalogue, event, e, 2, 0) DOCUMENT(copy, event, e, 1, 0) FINAL(documents),
     INVARIANT_COPIES, 1},
    {"a copy is missing", DOCUMENT(catalogue, event, e, 1, 0) FINAL(documents), INVARIANT_COPIES,
     1},
    {"a copy of nothing", DOCUMENT(copy, event, e, 1, 0) FINAL(documents), INVARIANT_COPIES, 1},
    {"a message waits in the catalogue",
     DOCUMENT(catalogue, event, e, 1, 1) DOCUMENT(copy, event, e, 1, 0) FINAL(documents)
         FINAL(levels),
     INVARIANT_EMPTY_ENDS, 1},
    {"a message waits in a ledger",
     "{'op':'entry','event':'e','entry':0,'sold':0,'published':false}\n" FINAL(ledger)
         FINAL(documents) FINAL(levels),
     INVARIANT_EMPTY_ENDS, 1},
    {"a queue is not empty", "{'op':'level','name':'booking','is':1}\n", INVARIANT_EMPTY_ENDS, 1},
    {"the poison is parked", "{'op':'level','name':'booking.dead','is':3,'ought':3}\n", 0, 0},
};

static struct history history;
static struct findings findings;
static struct error error;

/* The next line of @lines with quotation marks, NULL behind the last. */
static const char *next_line(const char **lines, char text[LINE_BYTES])
{
    size_t length = strcspn(*lines, "\n");

    if (length == 0)
        return NULL;
    (void)snprintf(text, LINE_BYTES, "%.*s", (int)length, *lines);
    for (char *mark = text; (mark = strchr(mark, '\'')); mark++)
        *mark = '"';
    *lines += length + 1;
    return text;
}

static void judge(const struct row *row)
{
    const char *lines = row->lines;
    char text[LINE_BYTES];
    uint32_t number = 0;

    findings = (struct findings){0};
    history_init(&history, MEMORY_BYTES);
    while (next_line(&lines, text))
        cr_assert(history_add(&history, text, strlen(text), ++number, &error), "%s: %s: %s",
                  row->name, text, error.text);
    cr_assert(checker_judge(&history, &findings, &error), "%s: %s", row->name, error.text);
    history_clear(&history);
}

Test(checker, knows_each_way_to_break_a_promise)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct row *row = &rows[i];

        judge(row);

        cr_expect_eq(findings.n_all, row->times, "%s: %d times, first: %s", row->name,
                     (int)findings.n_all, findings.kept[0].text);
        cr_expect_eq(findings.n[row->broken], row->times, "%s: first: %s", row->name,
                     findings.kept[0].text);
    }
}

Test(checker, shows_the_lines_that_contradict_each_other)
{
    static const struct row row = {
        "", CREATE(0, 1, 1) BOOK(2, 3, k, 1, a) READ(2, 3, 1) BOOK(2, 3, l, 1, b), 0, 0};

    judge(&row);

    cr_assert_eq(findings.n_kept, 1U);
    cr_expect_eq(findings.kept[0].n_lines, 3U);
    cr_expect_eq(findings.kept[0].lines[0], 1U);
    cr_expect_eq(findings.kept[0].lines[1], 2U);
    cr_expect_eq(findings.kept[0].lines[2], 4U);
}

Test(checker, says_what_a_history_cannot_decide)
{
    static const struct row calls_only = {"", BOOK(2, 3, k, 1, a), 0, 0};

    judge(&calls_only);

    cr_expect(findings.decided[INVARIANT_AT_MOST_ONCE]);
    cr_expect_not(findings.decided[INVARIANT_WHOLE_LEDGER]);
    cr_expect_not(findings.decided[INVARIANT_NOTHING_LOST]);
    cr_expect_not(findings.decided[INVARIANT_COPIES]);
}

Test(checker, refuses_lines_it_does_not_understand)
{
    static const char *const bad[] = {
        "",
        "{}",
        "{\"op\":\"sell\"}",
        "{\"op\":\"book\",\"start\":1,\"end\":2,\"event\":\"e\",\"seats\":1}",
        "{\"op\":\"book\",\"start\":1,\"end\":2,\"event\":\"e\",\"seats\":1,\"outcome\":\"ok\"}",
        "{\"op\":\"read\",\"start\":2,\"end\":1,\"event\":\"e\",\"outcome\":\"ok\"}",
        "{\"op\":\"cancel\",\"start\":1,\"end\":2,\"outcome\":\"ok\"}",
        "{\"op\":\"entry\",\"event\":\"e\",\"sold\":0}",
        "{\"op\":\"message\",\"id\":\"1\",\"name\":\"n\"}",
        "{\"op\":\"final\",\"read\":\"tea\"}",
    };

    history_init(&history, MEMORY_BYTES);
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        cr_expect_not(history_add(&history, bad[i], strlen(bad[i]), 1, &error), "%s", bad[i]);
        cr_expect_eq(error.code, ERROR_INVALID, "%s", bad[i]);
    }
    history_clear(&history);
}

Test(checker, keeps_no_seats_of_an_entry_that_it_refuses)
{
    static const char *const bad[] = {
        "{\"op\":\"entry\",\"event\":\"e\",\"entry\":1,\"sold\":1,"
        "\"booked\":[{\"id\":\"a\",\"seats\":1},{\"id\":\"b\"}]}",
        "{\"op\":\"entry\",\"event\":\"e\",\"entry\":1,\"sold\":1,\"booked\":[{\"id\":\"a\","
        "\"seats\":1}],"
        "\"cancelled\":[{\"id\":\"b\",\"seats\":1},{\"id\":\"c\"}]}",
    };

    history_init(&history, MEMORY_BYTES);
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        cr_expect_not(history_add(&history, bad[i], strlen(bad[i]), 1, &error), "%s", bad[i]);
        cr_expect_eq(history.booked.n, 0, "%s", bad[i]);
        cr_expect_eq(history.cancelled.n, 0, "%s", bad[i]);
    }
    history_clear(&history);
}

Test(checker, tells_names_apart_however_they_are_kept)
{
    static const char *const texts[] = {"00",
                                        "0",
                                        "000",
                                        "ab",
                                        "AB",
                                        "abc",
                                        "0a1b",
                                        "\1",
                                        "\2ab",
                                        "no number",
                                        "6566a1f0c3d2b4a596877801"};
    struct names names = {0};
    struct budget budget = {.left_bytes = MEMORY_BYTES};
    char longest[2 * NAMES_PACKED_MAX + 3];
    uint32_t number = 0;

    for (size_t size = 2 * NAMES_PACKED_MAX - 1; size < sizeof(longest); size++) {
        memset(longest, 'f', size);
        longest[size] = '\0';
        cr_assert(names_number(&names, longest, &budget, &number, &error));
        cr_expect_str_eq(names_text(&names, number), longest);
    }
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        size_t n_before = names_end(&names);

        cr_assert(names_number(&names, texts[i], &budget, &number, &error));
        cr_expect_eq(names_end(&names), n_before + 1, "%s", texts[i]);
        cr_expect_str_eq(names_text(&names, number), texts[i]);
        cr_assert(names_number(&names, texts[i], &budget, &number, &error));
        cr_expect_eq(names_end(&names), n_before + 1, "%s", texts[i]);
    }
    names_clear(&names);
}

Test(checker, takes_no_more_memory_than_it_was_given)
{
    char text[LINE_BYTES];
    bool fits = true;

    history_init(&history, 64 * 1024);
    for (int i = 0; fits && i < 10000; i++) {
        (void)snprintf(text, sizeof(text),
                       "{\"op\":\"message\",\"id\":\"%d\",\"name\":\"n\",\"body\":\"\"}", i);
        fits = history_add(&history, text, strlen(text), 1, &error);
    }

    cr_expect_not(fits);
    cr_expect_eq(error.code, ERROR_TOO_LARGE);
    cr_expect_leq(history.budget.used_bytes, 64U * 1024U);
    history_clear(&history);
}
