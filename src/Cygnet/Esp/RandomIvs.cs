// Unpredictable IVs for CBC, drawn in advance: the generator costs a system call. RFC 3602 3.
using Cygnet.Crypto;

namespace Cygnet.Esp;

/// <summary>One worker's stock of random bytes; each is handed out once.</summary>
sealed class RandomIvs(IRandom random)
{
    readonly byte[] _stock = new byte[4096];
    int _used = 4096;

    public void Fill(Span<byte> iv)
    {
        if (_used + iv.Length > _stock.Length)
        {
            random.Fill(_stock);
            _used = 0;
        }
        var taken = _stock.AsSpan(_used, iv.Length);
        taken.CopyTo(iv);
        taken.Clear();
        _used += iv.Length;
    }
}
