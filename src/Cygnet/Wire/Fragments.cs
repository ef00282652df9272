// Reassembly of the fragments of one message. RFC 7383 2.6.
namespace Cygnet.Wire;

public enum FragmentOutcome
{
    /// <summary>Kept; others are missing.</summary>
    Waiting,
    /// <summary>It was there already, or belongs to a coarser division that the peer gave up.</summary>
    Ignored,
    /// <summary>The message is complete.</summary>
    Complete,
    /// <summary>The message would exceed the limit; all fragments are forgotten.</summary>
    TooLarge,
}

/// <summary>
/// Collects the opened fragments of one message ID. Only authenticated fragments come here, so that nobody else can displace one.
/// </summary>
public sealed class Fragments(int maxBytes = 10_000)
{
    const int MaxFragments = 255;

    readonly SortedDictionary<int, byte[]> _parts = [];
    int _bytes;

    /// <summary>How many fragments the message has; 0 before the first.</summary>
    public int Total { get; private set; }

    /// <summary>How many of them are here.</summary>
    public int Count => _parts.Count;

    /// <summary>Type of the message's first payload; only the first fragment tells it.</summary>
    public PayloadType First { get; private set; }

    /// <summary>Adds the plaintext of one fragment. With Complete, <paramref name="message"/> is the chain of payloads that starts with <see cref="First"/>.</summary>
    public FragmentOutcome Add(EncryptedBody fragment, ReadOnlySpan<byte> plaintext, out byte[] message)
    {
        message = [];
        if (fragment.FragmentTotal > MaxFragments) return FragmentOutcome.TooLarge;
        // A larger total is a new, finer division by a sender that probes the path; a smaller one is a straggler of an older one.
        if (fragment.FragmentTotal < Total) return FragmentOutcome.Ignored;
        if (fragment.FragmentTotal > Total) Restart(fragment.FragmentTotal);
        if (_parts.ContainsKey(fragment.FragmentNumber)) return FragmentOutcome.Ignored;
        if (_bytes + plaintext.Length > maxBytes)
        {
            Restart(0);
            return FragmentOutcome.TooLarge;
        }
        if (fragment.FragmentNumber == 1) First = fragment.First;
        _parts.Add(fragment.FragmentNumber, plaintext.ToArray());
        _bytes += plaintext.Length;
        if (Count < Total) return FragmentOutcome.Waiting;
        message = [.. _parts.Values.SelectMany(p => p)];
        return FragmentOutcome.Complete;
    }

    void Restart(int total)
    {
        _parts.Clear();
        (_bytes, Total, First) = (0, total, PayloadType.None);
    }
}
