// The two message windows of an IKE_SA, both of size one. RFC 7296 2.1, 2.2, 2.3.
using Cygnet.Wire;

namespace Cygnet.Ike;

/// <summary>Our requests: at most one is unanswered; its datagrams are kept for retransmission.</summary>
struct SendWindow
{
    /// <summary>Message ID of the next request.</summary>
    public uint Next;

    /// <summary>The exchange that waits for a response, with the datagrams to repeat.</summary>
    public Exchange? Pending;
    public byte[][]? Datagrams;

    /// <summary>How often the pending request was sent again.</summary>
    public int Retransmitted;

    /// <summary>It was told that the request was sent again; that it is answered is told then too.</summary>
    public bool IsRepetitionKnown;

    public Fragments? Fragments;

    public readonly bool IsPending(uint messageId) => Datagrams is not null && messageId == Next - 1;
}

/// <summary>The peer's requests: the expected one, and the stored response to the one before it.</summary>
struct ReceiveWindow
{
    public uint Expected;

    /// <summary>Response to request Expected - 1, to be repeated as it is; null before the first.</summary>
    public byte[][]? Response;

    /// <summary>The exchange that is still working on the response to request Expected.</summary>
    public Exchange? InProgress;

    public Fragments? Fragments;

    /// <summary>Opens repetitions of request Expected - 1 if its exchange has changed the keys. RFC 9370 2.2.2.</summary>
    public Crypto.IkeProtection? Before;

    /// <summary>The next request is answered: nobody repeats what the old keys protect.</summary>
    public void ForgetOldKeys()
    {
        Before?.Dispose();
        Before = null;
    }
}
