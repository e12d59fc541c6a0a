/* Only a name for the real library, which is found through this one. */
extern const char events_tls_shim_crypto;

const char events_tls_shim_crypto = 0;
