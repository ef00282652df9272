// Owners of libssl's objects.
using System.Runtime.InteropServices;

namespace Cygnet.Eap.Tls;

/// <summary>An SSL with its two BIOs and the SSL_CTX that was made for it alone; freeing clears its keys.</summary>
sealed class SslHandle : SafeHandle
{
    readonly nint _ctx;

    public SslHandle(nint ctx, nint ssl) : base(0, ownsHandle: true)
    {
        _ctx = ctx;
        SetHandle(ssl);
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        LibSsl.SSL_free(handle);
        LibSsl.SSL_CTX_free(_ctx);
        return true;
    }
}
