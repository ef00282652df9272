// Bindings to OpenSSL's libssl, 3.0 or newer, and to what of libcrypto belongs to it: memory BIOs, certificates, errors.
using System.Runtime.InteropServices;
using Cygnet.Crypto;

namespace Cygnet.Eap.Tls;

/// <summary>TLS inside EAP: SslStream exports no keying material. Raw pointers; <see cref="TlsSession"/> owns and frees them.</summary>
static unsafe partial class LibSsl
{
    const string Library = "libssl.so.3", Crypto = "libcrypto.so.3";

    // <openssl/ssl.h>
    public const int CtrlExtraChainCert = 14, CtrlSessionCacheMode = 44, CtrlMaxCertList = 51, CtrlDhAuto = 118, CtrlMinVersion = 123, CtrlMaxVersion = 124;
    public const int VerifyNone = 0, VerifyPeer = 1, VerifyFailIfNone = 2;
    public const int ErrorSsl = 1, ErrorWantRead = 2, ErrorZeroReturn = 6;
    public const ulong OptionNoTicket = 1 << 14, OptionNoCompression = 1 << 17, OptionNoRenegotiation = 1 << 30, OptionLegacyServer = 1 << 2;

    // <openssl/x509_vfy.h>, <openssl/bio.h>
    public const int X509CertUntrusted = 27, BioCtrlPending = 10;

    [LibraryImport(Library)] public static partial nint TLS_method();
    [LibraryImport(Library)] public static partial nint SSL_CTX_new(nint method);
    [LibraryImport(Library)] public static partial void SSL_CTX_free(nint ctx);
    [LibraryImport(Library)] public static partial long SSL_CTX_ctrl(nint ctx, int command, long number, nint pointer);
    [LibraryImport(Library)] public static partial ulong SSL_CTX_set_options(nint ctx, ulong options);
    [LibraryImport(Library)] public static partial int SSL_CTX_set_num_tickets(nint ctx, nuint count);
    [LibraryImport(Library)] public static partial void SSL_CTX_set_verify(nint ctx, int mode, nint callback);
    [LibraryImport(Library)] public static partial void SSL_CTX_set_cert_verify_callback(nint ctx, delegate* unmanaged<nint, nint, int> callback, nint argument);
    [LibraryImport(Library)] public static partial void SSL_CTX_set_cert_cb(nint ctx, delegate* unmanaged<nint, nint, int> callback, nint argument);
    [LibraryImport(Library)] public static partial int SSL_CTX_use_certificate(nint ctx, nint certificate);
    [LibraryImport(Library)] public static partial int SSL_CTX_use_PrivateKey(nint ctx, NativeKey key);
    [LibraryImport(Library)] public static partial int SSL_CTX_check_private_key(nint ctx);
    [LibraryImport(Library)] public static partial int SSL_CTX_add_client_CA(nint ctx, nint certificate);

    [LibraryImport(Library)] public static partial nint SSL_new(nint ctx);
    [LibraryImport(Library)] public static partial void SSL_free(nint ssl);
    [LibraryImport(Library)] public static partial void SSL_set_bio(nint ssl, nint read, nint write);
    [LibraryImport(Library)] public static partial void SSL_set_connect_state(nint ssl);
    [LibraryImport(Library)] public static partial void SSL_set_accept_state(nint ssl);
    [LibraryImport(Library)] public static partial int SSL_set_ex_data(nint ssl, int index, nint data);
    [LibraryImport(Library)] public static partial nint SSL_get_ex_data(nint ssl, int index);
    [LibraryImport(Library)] public static partial int SSL_get_ex_data_X509_STORE_CTX_idx();
    [LibraryImport(Library)] public static partial int SSL_do_handshake(nint ssl);
    [LibraryImport(Library)] public static partial int SSL_read(nint ssl, byte* buffer, int length);
    [LibraryImport(Library)] public static partial int SSL_write(nint ssl, byte* buffer, int length);
    [LibraryImport(Library)] public static partial int SSL_get_error(nint ssl, int result);
    [LibraryImport(Library)] public static partial int SSL_version(nint ssl);
    [LibraryImport(Library)] public static partial nint SSL_get_current_cipher(nint ssl);
    [LibraryImport(Library)] public static partial byte* SSL_CIPHER_standard_name(nint cipher);
    [LibraryImport(Library)] public static partial int SSL_export_keying_material(nint ssl, byte* output, nuint length, byte* label, nuint labelLength,
        byte* context, nuint contextLength, int useContext);

    [LibraryImport(Crypto)] public static partial nint BIO_s_mem();
    [LibraryImport(Crypto)] public static partial nint BIO_new(nint method);
    [LibraryImport(Crypto)] public static partial int BIO_read(nint bio, byte* buffer, int length);
    [LibraryImport(Crypto)] public static partial int BIO_write(nint bio, byte* buffer, int length);
    [LibraryImport(Crypto)] public static partial long BIO_ctrl(nint bio, int command, long number, nint pointer);

    [LibraryImport(Crypto)] public static partial nint d2i_X509(nint reuse, byte** input, long length);
    [LibraryImport(Crypto)] public static partial int i2d_X509(nint certificate, byte** output);
    [LibraryImport(Crypto)] public static partial void X509_free(nint certificate);
    [LibraryImport(Crypto)] public static partial nint X509_STORE_CTX_get0_cert(nint context);
    [LibraryImport(Crypto)] public static partial nint X509_STORE_CTX_get0_untrusted(nint context);
    [LibraryImport(Crypto)] public static partial nint X509_STORE_CTX_get_ex_data(nint context, int index);
    [LibraryImport(Crypto)] public static partial void X509_STORE_CTX_set_error(nint context, int error);
    [LibraryImport(Crypto)] public static partial int OPENSSL_sk_num(nint stack);
    [LibraryImport(Crypto)] public static partial nint OPENSSL_sk_value(nint stack, int index);

    [LibraryImport(Crypto)] public static partial ulong ERR_get_error();
    [LibraryImport(Crypto)] public static partial byte* ERR_reason_error_string(ulong error);
    [LibraryImport(Crypto)] public static partial void ERR_clear_error();
}
