// HMAC over the hashes of libcrypto. RFC 2104.
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using static Cygnet.Crypto.LibCrypto;

namespace Cygnet.Crypto;

/// <summary>
/// The key is mixed into two states of the hash once, and a message begins with a copy of them. libcrypto's own HMAC makes and frees seven
/// objects for each key, with locks and look-ups by name, and takes several times as long as the hashing: setting up an IKE_SA takes ten keys.
/// </summary>
sealed unsafe class HmacMac : Mac
{
    const byte InnerPad = 0x36, OuterPad = 0x5c;
    const int MostBlockBytes = 128;

    readonly MacFunction _function;
    readonly int _stateBytes;

    // Three states of the hash: after the inner key, after the outer one, and of the message. Outside the heap, where the collector leaves no copies.
    nint _states;

    /// <summary>Throws <see cref="CryptographicException"/> if this machine's libcrypto does not give the hash away.</summary>
    public HmacMac(MacFunction function, ReadOnlySpan<byte> key)
    {
        if (!HasDigest(function)) Check(0, "HMAC key");
        (_function, _stateBytes) = (function, HashStateBytes(function));
        _states = (nint)NativeMemory.Alloc((nuint)(3 * _stateBytes));
        Span<byte> pad = stackalloc byte[MostBlockBytes];
        pad.Clear();
        pad = pad[..(function >= MacFunction.HmacSha384 ? MostBlockBytes : MostBlockBytes / 2)];
        if (key.Length <= pad.Length) key.CopyTo(pad);
        else
        {
            HashBegin(_function, Message);
            Append(key);
            fixed (byte* p = pad) HashFinish(_function, p, Message);
        }
        Absorb(Inner, pad, InnerPad);
        Absorb(Outer, pad, InnerPad ^ OuterPad); // the inner one is on it already
        CryptographicOperations.ZeroMemory(pad);
        Begin();
    }

    byte* Inner => (byte*)_states;

    byte* Outer => (byte*)_states + _stateBytes;

    byte* Message => (byte*)_states + 2 * _stateBytes;

    public override void Begin() => Copy(Inner);

    public override void Append(ReadOnlySpan<byte> data)
    {
        ObjectDisposedException.ThrowIf(_states == 0, this);
        fixed (byte* d = data)
            if (!data.IsEmpty) HashAppend(_function, Message, d, (nuint)data.Length);
    }

    public override void Finish(Span<byte> output)
    {
        ObjectDisposedException.ThrowIf(_states == 0, this);
        var bytes = OutputBytes(_function);
        fixed (byte* o = output[..bytes])
        {
            HashFinish(_function, o, Message);
            Copy(Outer);
            HashAppend(_function, Message, o, (nuint)bytes);
            HashFinish(_function, o, Message);
        }
    }

    public override void Dispose()
    {
        var states = Interlocked.Exchange(ref _states, 0);
        if (states == 0) return;
        CryptographicOperations.ZeroMemory(new((void*)states, 3 * _stateBytes));
        NativeMemory.Free((void*)states);
    }

    void Absorb(byte* state, Span<byte> pad, byte with)
    {
        foreach (ref var b in pad) b ^= with;
        HashBegin(_function, state);
        fixed (byte* p = pad) HashAppend(_function, state, p, (nuint)pad.Length);
    }

    void Copy(byte* from)
    {
        ObjectDisposedException.ThrowIf(_states == 0, this);
        new ReadOnlySpan<byte>(from, _stateBytes).CopyTo(new(Message, _stateBytes));
    }
}
