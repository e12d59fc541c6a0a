#include "tools/copy_feed.h"

bool copy_feed_open(struct copy_feed *feed, struct error *error)
{
    return copy_batch_make(&feed->batch, COPY_FEED_BATCH, error);
}

void copy_feed_close(struct copy_feed *feed)
{
    copy_batch_clear(&feed->batch);
    *feed = (struct copy_feed){0};
}

bool copy_feed_take(struct copy_feed *feed, const struct envelope *envelope, struct error *error)
{
    const struct copy_batch *batch = &feed->batch;
    struct error unfit = {0};

    if (copy_batch_take(&feed->batch, envelope, NULL, &unfit)) {
        feed->n_taken++;
        return batch->n_events + batch->n_locations < COPY_FEED_BATCH ||
               copy_feed_flush(feed, error);
    }
    if (unfit.code == ERROR_MEMORY) {
        *error = unfit;
        return false;
    }
    feed->n_left_out++;
    return true;
}

bool copy_feed_flush(struct copy_feed *feed, struct error *error)
{
    if (!copy_batch_put(&feed->batch, feed->store, error))
        return false;
    copy_batch_empty(&feed->batch);
    return true;
}
