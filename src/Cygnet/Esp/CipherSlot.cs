// One worker's cipher context of one SA, and the handshake that lets the control side take it away.
using Cygnet.Crypto;

namespace Cygnet.Esp;

/// <summary>
/// A cipher is not thread safe and dies with its keys while packet threads run. So each worker has its own, and holds the slot during each
/// use: one uncontended exchange. Only removal of the SA ever waits, and no longer than one packet takes.
/// </summary>
sealed class CipherSlot(PacketCipher cipher)
{
    const int Free = 0, Busy = 1, Retired = 2;

    int _state;

    public PacketCipher Cipher { get; } = cipher;

    public bool TryEnter() => Interlocked.CompareExchange(ref _state, Busy, Free) == Free;

    public void Leave() => Volatile.Write(ref _state, Free);

    /// <summary>Waits for the use that is under way, ends all later ones, clears the keys.</summary>
    public void Retire()
    {
        var spin = new SpinWait();
        while (Interlocked.CompareExchange(ref _state, Retired, Free) != Free) spin.SpinOnce();
        Cipher.Dispose();
    }
}
