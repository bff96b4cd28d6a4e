// Owners of OpenSSL's objects, and its reasons as Errors.
#pragma once

#include <memory>
#include <string>

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#include <support/file.hpp>
#include <support/result.hpp>

namespace unik::sign {

template <typename T>
struct OpensslDeleter;

#define UNIK_OPENSSL_OWNED(TYPE)                                                                   \
    template <>                                                                                    \
    struct OpensslDeleter<TYPE> {                                                                  \
        void operator()(TYPE* object) const { TYPE##_free(object); }                               \
    };
UNIK_OPENSSL_OWNED(EVP_PKEY)
UNIK_OPENSSL_OWNED(EVP_PKEY_CTX)
UNIK_OPENSSL_OWNED(EVP_MD_CTX)
UNIK_OPENSSL_OWNED(BIO)
UNIK_OPENSSL_OWNED(PKCS7)
UNIK_OPENSSL_OWNED(X509)
UNIK_OPENSSL_OWNED(X509_STORE)
UNIK_OPENSSL_OWNED(X509_NAME)
UNIK_OPENSSL_OWNED(ASN1_TYPE)
UNIK_OPENSSL_OWNED(ASN1_STRING)
UNIK_OPENSSL_OWNED(ASN1_OBJECT)
#undef UNIK_OPENSSL_OWNED

template <typename T>
using Owned = std::unique_ptr<T, OpensslDeleter<T>>;

// Reads from bytes that outlive it.
Owned<BIO> bio_over(ByteSpan bytes);

// What OpenSSL refused, as far as it says why; its queue of errors is empty after that. Its reasons
// name functions and fields, never content.
Error openssl_error(std::string id, std::string what, std::string hint = {});

} // namespace unik::sign
