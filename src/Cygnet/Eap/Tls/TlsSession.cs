// One TLS connection over memory. RFC 5246, RFC 8446; libssl does the work, our own code judges certificates.
using System.Runtime.InteropServices;
using System.Text;
using Cygnet.Crypto;

namespace Cygnet.Eap.Tls;

/// <summary>
/// Records go in and come out as bytes. A full handshake each time: no tickets, no resumption, no renegotiation. One call at a time, from any thread.
/// </summary>
sealed unsafe class TlsSession : IDisposable
{
    const int MaxCertificates = 16, MaxCertificateBytes = 65536, ChunkBytes = 16384, CallbackSlot = 0;

    readonly SslHandle _handle;
    readonly TlsOptions _options;
    readonly nint _in, _out;
    byte[] _data = [];

    TlsSession(SslHandle handle, TlsOptions options, nint read, nint write) => (_handle, _options, _in, _out) = (handle, options, read, write);

    public bool IsEstablished { get; private set; }

    /// <summary>What went wrong, in libssl's words; after that nothing goes on.</summary>
    public string? Error { get; private set; }

    /// <summary>On a client: the server has asked for a certificate.</summary>
    public bool IsCertificateRequested { get; private set; }

    public TlsVersion Version => (TlsVersion)LibSsl.SSL_version(_handle.DangerousGetHandle());

    public string Suite => Marshal.PtrToStringUTF8((nint)LibSsl.SSL_CIPHER_standard_name(LibSsl.SSL_get_current_cipher(_handle.DangerousGetHandle()))) ?? "none";

    /// <summary>Null, and why, if libssl does not take the certificate, the key or the versions.</summary>
    public static TlsSession? Create(TlsOptions options, out string reason)
    {
        LibSsl.ERR_clear_error();
        var ctx = LibSsl.SSL_CTX_new(LibSsl.TLS_method());
        if (ctx == 0)
        {
            reason = $"libssl: {TakeError()}";
            return null;
        }
        if (Configure(ctx, options) is { } why)
        {
            LibSsl.SSL_CTX_free(ctx);
            LibSsl.ERR_clear_error();
            reason = why;
            return null;
        }
        var handle = new SslHandle(ctx, LibSsl.SSL_new(ctx));
        var ssl = handle.DangerousGetHandle();
        var (read, write) = (LibSsl.BIO_new(LibSsl.BIO_s_mem()), LibSsl.BIO_new(LibSsl.BIO_s_mem()));
        if (ssl == 0 || read == 0 || write == 0) throw new OutOfMemoryException();
        LibSsl.SSL_set_bio(ssl, read, write);
        if (options.IsServer) LibSsl.SSL_set_accept_state(ssl);
        else LibSsl.SSL_set_connect_state(ssl);
        reason = "";
        return new(handle, options, read, write);
    }

    static string? Configure(nint ctx, TlsOptions options)
    {
        if (LibSsl.SSL_CTX_ctrl(ctx, LibSsl.CtrlMinVersion, (long)options.Minimum, 0) != 1 || LibSsl.SSL_CTX_ctrl(ctx, LibSsl.CtrlMaxVersion, (long)options.Maximum, 0) != 1
            || options.Minimum > options.Maximum)
            return $"TLS versions {(int)options.Minimum:x4} to {(int)options.Maximum:x4} are not possible; see charon.tls.version_min and version_max";
        LibSsl.SSL_CTX_ctrl(ctx, LibSsl.CtrlSessionCacheMode, 0, 0);
        LibSsl.SSL_CTX_ctrl(ctx, LibSsl.CtrlMaxCertList, MaxCertificateBytes, 0);
        LibSsl.SSL_CTX_set_options(ctx, LibSsl.OptionNoTicket | LibSsl.OptionNoCompression | LibSsl.OptionNoRenegotiation);
        // Servers without RFC 5746 (libtls of strongSwan 5.9.8): what it guards against is renegotiation, and we do none.
        if (!options.IsServer) LibSsl.SSL_CTX_set_options(ctx, LibSsl.OptionLegacyServer);
        LibSsl.SSL_CTX_set_num_tickets(ctx, 0);
        LibSsl.SSL_CTX_set_cert_verify_callback(ctx, &OnVerify, 0);
        LibSsl.SSL_CTX_set_verify(ctx, !options.IsServer ? LibSsl.VerifyPeer : options.AsksForCertificate ? LibSsl.VerifyPeer | LibSsl.VerifyFailIfNone : LibSsl.VerifyNone, 0);
        if (options.IsServer) LibSsl.SSL_CTX_ctrl(ctx, LibSsl.CtrlDhAuto, 1, 0);
        else LibSsl.SSL_CTX_set_cert_cb(ctx, &OnCertificateRequest, 0);
        foreach (var ca in options.ClientCas) WithX509(ca.Raw, x => LibSsl.SSL_CTX_add_client_CA(ctx, x));
        if (options.Credential is not { Certificate: { } certificate } credential) return null;
        if (credential.Key is not SoftwareKey key) return "the private key is on a token; TLS inside EAP needs one in a file";
        if (!WithX509(certificate.Raw, x => LibSsl.SSL_CTX_use_certificate(ctx, x)) || LibSsl.SSL_CTX_use_PrivateKey(ctx, key.Native) != 1
            || LibSsl.SSL_CTX_check_private_key(ctx) != 1)
            return $"libssl does not take the certificate \"{certificate}\" or its key: {TakeError()}";
        foreach (var issuer in credential.Intermediates)
        {
            // This one keeps the reference.
            var x509 = ParseX509(issuer.Raw);
            if (x509 != 0 && LibSsl.SSL_CTX_ctrl(ctx, LibSsl.CtrlExtraChainCert, 0, x509) != 1) LibSsl.X509_free(x509);
        }
        return null;
    }

    static nint ParseX509(byte[] der)
    {
        fixed (byte* start = der)
        {
            var at = start;
            return LibSsl.d2i_X509(0, &at, der.Length);
        }
    }

    static bool WithX509(byte[] der, Func<nint, int> use)
    {
        var x509 = ParseX509(der);
        if (x509 == 0) return false;
        var result = use(x509);
        LibSsl.X509_free(x509);
        return result == 1;
    }

    /// <summary>Takes received records, handshakes and decrypts as far as they reach. What there is to send afterwards: <see cref="TakeOutput"/>.</summary>
    public void Receive(ReadOnlySpan<byte> records)
    {
        if (Error is not null) return;
        fixed (byte* r = records)
        {
            if (!records.IsEmpty && LibSsl.BIO_write(_in, r, records.Length) != records.Length) throw new OutOfMemoryException();
        }
        Call(ssl =>
        {
            if (!IsEstablished)
            {
                var result = LibSsl.SSL_do_handshake(ssl);
                if (result != 1)
                {
                    if (LibSsl.SSL_get_error(ssl, result) != LibSsl.ErrorWantRead) Error = TakeError();
                    return;
                }
                IsEstablished = true;
            }
            Decrypt(ssl);
        });
    }

    // Ends when libssl wants more: it holds no more than what was received, and every turn takes some of it.
    void Decrypt(nint ssl)
    {
        using var plain = new MemoryStream();
        var chunk = new byte[ChunkBytes];
        while (true)
        {
            int count;
            fixed (byte* c = chunk) count = LibSsl.SSL_read(ssl, c, chunk.Length);
            if (count > 0)
            {
                plain.Write(chunk, 0, count);
                continue;
            }
            var error = LibSsl.SSL_get_error(ssl, count);
            if (error == LibSsl.ErrorZeroReturn) Error = "the other side closed the TLS connection";
            else if (error != LibSsl.ErrorWantRead) Error = TakeError();
            break;
        }
        if (plain.Length > 0) _data = [.. _data, .. plain.ToArray()];
    }

    /// <summary>Encrypts; only once the connection is established.</summary>
    public void Write(ReadOnlySpan<byte> data)
    {
        if (Error is not null || data.IsEmpty) return;
        fixed (byte* d = data)
        {
            LibSsl.ERR_clear_error();
            if (LibSsl.SSL_write(_handle.DangerousGetHandle(), d, data.Length) != data.Length) Error = TakeError();
        }
    }

    /// <summary>What was decrypted since the last time.</summary>
    public byte[] TakeData()
    {
        var data = _data;
        _data = [];
        return data;
    }

    /// <summary>Records to send; after an error, an alert perhaps.</summary>
    public byte[] TakeOutput()
    {
        var pending = (int)LibSsl.BIO_ctrl(_out, LibSsl.BioCtrlPending, 0, 0);
        if (pending <= 0) return [];
        var records = new byte[pending];
        fixed (byte* r = records) LibSsl.BIO_read(_out, r, pending);
        return records;
    }

    /// <summary>RFC 5705, RFC 8446 7.5. A null context is none, which TLS 1.2 tells from an empty one.</summary>
    public byte[] Export(ReadOnlySpan<byte> label, byte[]? context, int length)
    {
        var key = new byte[length];
        fixed (byte* k = key, l = label, c = context)
        {
            if (LibSsl.SSL_export_keying_material(_handle.DangerousGetHandle(), k, (nuint)length, l, (nuint)label.Length, c, (nuint)(context?.Length ?? 0), context is null ? 0 : 1) != 1)
                throw new InvalidOperationException($"libssl exports no keying material: {TakeError()}");
        }
        return key;
    }

    // The callbacks find this object through the SSL, for as long as the call lasts.
    void Call(Action<nint> action)
    {
        LibSsl.ERR_clear_error();
        var ssl = _handle.DangerousGetHandle();
        var self = GCHandle.Alloc(this);
        LibSsl.SSL_set_ex_data(ssl, CallbackSlot, GCHandle.ToIntPtr(self));
        try
        {
            action(ssl);
        }
        finally
        {
            LibSsl.SSL_set_ex_data(ssl, CallbackSlot, 0);
            self.Free();
        }
    }

    static TlsSession? Of(nint ssl) => ssl != 0 && LibSsl.SSL_get_ex_data(ssl, CallbackSlot) is var handle and not 0 ? GCHandle.FromIntPtr(handle).Target as TlsSession : null;

    [UnmanagedCallersOnly]
    static int OnVerify(nint store, nint unused)
    {
        try
        {
            var session = Of(LibSsl.X509_STORE_CTX_get_ex_data(store, LibSsl.SSL_get_ex_data_X509_STORE_CTX_idx()));
            if (session is not null && LibSsl.X509_STORE_CTX_get0_cert(store) is var leaf and not 0 && session._options.Judge(Received(store, leaf))) return 1;
        }
        // Nothing may be thrown through libssl; whatever it was, the certificate is not trusted.
        catch (Exception e) when (e is not OutOfMemoryException) { }
        LibSsl.X509_STORE_CTX_set_error(store, LibSsl.X509CertUntrusted);
        return 0;
    }

    static List<byte[]> Received(nint store, nint leaf)
    {
        List<byte[]> certificates = [ToDer(leaf)];
        var stack = LibSsl.X509_STORE_CTX_get0_untrusted(store);
        var count = stack == 0 ? 0 : LibSsl.OPENSSL_sk_num(stack);
        for (var i = 0; i < count && certificates.Count < MaxCertificates; i++)
            if (LibSsl.OPENSSL_sk_value(stack, i) is var x509 && x509 != leaf) certificates.Add(ToDer(x509));
        return certificates;
    }

    static byte[] ToDer(nint x509)
    {
        var length = LibSsl.i2d_X509(x509, null);
        if (length <= 0) return [];
        var der = new byte[length];
        fixed (byte* start = der)
        {
            var at = start;
            return LibSsl.i2d_X509(x509, &at) == length ? der : [];
        }
    }

    [UnmanagedCallersOnly]
    static int OnCertificateRequest(nint ssl, nint unused)
    {
        if (Of(ssl) is { } session) session.IsCertificateRequested = true;
        return 1;
    }

    static string TakeError()
    {
        var error = LibSsl.ERR_get_error();
        var text = error == 0 ? null : Marshal.PtrToStringUTF8((nint)LibSsl.ERR_reason_error_string(error));
        LibSsl.ERR_clear_error();
        return text ?? "an error without a name";
    }

    public void Dispose() => _handle.Dispose();
}
