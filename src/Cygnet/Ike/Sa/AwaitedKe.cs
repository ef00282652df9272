// Responder: the additional key exchanges that are to follow a CREATE_CHILD_SA exchange which we answered. RFC 9370 2.2.4.
using System.Collections.Immutable;
using System.Security.Cryptography;
using Cygnet.Crypto;

namespace Cygnet.Ike;

/// <summary>
/// One at a time for an IKE_SA: a peer that begins another before it has finished this has given this one up. It goes when the peer does not
/// continue in time; what it asks later gets STATE_NOT_FOUND.
/// </summary>
sealed class AwaitedKe
{
    /// <summary>
    /// RFC 9370 2.2.4 advises 5 to 20 s. A peer that retransmits as we do sends for the fourth time after 24 s, and after three states lost in a row the
    /// IKE_SA ends: so it is as long as five attempts take.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);

    readonly IkeSa _ike;
    readonly Timer _timer;
    readonly ImmutableArray<Transform> _rounds;
    int _done;

    public AwaitedKe(IkeSa ike, Exchanges.CreateChildSa origin, KeyInput input, ImmutableArray<Transform> rounds)
    {
        (_ike, Origin, Input, _rounds) = (ike, origin, input, rounds);
        _timer = new(ike, OnTimeout);
        Rearm();
    }

    /// <summary>The exchange that we answered; it finishes what these prepare.</summary>
    public Exchanges.CreateChildSa Origin { get; }

    public KeyInput Input { get; }

    /// <summary>What the peer must send back with the next request.</summary>
    public byte[] Link { get; } = new byte[8];

    /// <summary>The method of the next request.</summary>
    public Transform Round => _rounds[_done];

    public bool IsLinkedBy(ReadOnlySpan<byte> link) => CryptographicOperations.FixedTimeEquals(link, Link);

    /// <summary>A request has come; the time that it costs us is not the peer's.</summary>
    public void Pause() => Timers.Cancel(_timer);

    /// <summary>Takes in the secret of one exchange; true if more are to come, for which the link is a new one.</summary>
    public bool Add(byte[] secret)
    {
        Input.Additional.Add(secret);
        if (++_done == _rounds.Length)
        {
            _ike.Engine.Timers.Forget(_timer);
            _ike.Awaited = null;
            return false;
        }
        Rearm();
        return true;
    }

    /// <summary>Gives it up.</summary>
    public void Drop()
    {
        _ike.Engine.Timers.Forget(_timer);
        Input.Dispose();
        if (_ike.Awaited == this) _ike.Awaited = null;
        Origin.OnDropped();
    }

    void Rearm()
    {
        _ike.Engine.Host.Random.Fill(Link);
        _ike.Engine.Timers.Set(_timer, _ike.Engine.Now + Patience);
    }

    void OnTimeout()
    {
        _ike.Log(LogGroup.Ike, 1, $"the peer did not continue with {Transforms.Name(Round)} within {(int)Patience.TotalSeconds} seconds, giving up {Origin.Task}");
        Drop();
    }
}
