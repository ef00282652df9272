// How an IKE_SA came to its gateway by redirects, and what it replaces. RFC 5685.
using Cygnet.Policy;

namespace Cygnet.Ike;

/// <summary>Of an initiator that was redirected at least once.</summary>
sealed class Redirection
{
    /// <summary>The limits of the reference, against gateways that send us in circles.</summary>
    public const int Most = 5;

    public static readonly TimeSpan Period = TimeSpan.FromSeconds(300);

    readonly List<Instant> _at = new(1);

    /// <summary>The gateway that the configuration names: where a new attempt begins.</summary>
    public Endpoint? Origin { get; set; }

    /// <summary>The gateway that sent us where we are going now; it is named to the new one.</summary>
    public Address? From { get; set; }

    /// <summary>The IKE_SA with the new gateway, while this one still stands.</summary>
    public IkeSa? To { get; set; }

    /// <summary>Counts one more; false if it is one too many.</summary>
    public bool Count(Instant now)
    {
        _at.RemoveAll(at => now - at >= Period);
        if (_at.Count >= Most) return false;
        _at.Add(now);
        return true;
    }

    /// <summary>For the IKE_SA with the gateway that we were redirected to: what was counted counts on.</summary>
    public Redirection Next(Address from)
    {
        var next = new Redirection { From = from };
        next._at.AddRange(_at);
        return next;
    }
}
