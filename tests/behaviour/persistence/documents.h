/* Documents of the world's MongoDB that somebody else changes or inserts, past the stores. */
#ifndef EVENTS_TESTS_BEHAVIOUR_PERSISTENCE_DOCUMENTS_H
#define EVENTS_TESTS_BEHAVIOUR_PERSISTENCE_DOCUMENTS_H

/* All that fit @filter; JSON, as the server takes it. What fails ends the test. */
void change_documents(const char *collection, const char *filter, const char *update);
void insert_document(const char *collection, const char *json);

#endif
