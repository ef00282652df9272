// What one step of an EAP conversation makes. RFC 3748 4; RFC 7296 2.16.
using System.Collections.Immutable;

namespace Cygnet.Eap;

/// <summary>
/// Continue: the packet, if any, is to be sent and the next one waited for. Pending: something about revocation has to be fetched first
/// (<see cref="EapSurroundings.Status"/>), then the conversation is resumed; nothing is to be sent before.
/// </summary>
public enum EapOutcome { Continue, Success, Failure, Pending }

/// <summary>
/// The answer of <see cref="IEapPeer"/> or <see cref="IEapServer"/>. A server's last packet, Success or Failure, is to be sent too;
/// a client that fails has none, and ends the IKE_SA.
/// </summary>
public sealed record EapStep(EapOutcome Outcome, byte[]? Packet)
{
    /// <summary>After success the MSK, 64 bytes; null if the method derives none: then SK_pi and SK_pr authenticate (RFC 7296 2.16).</summary>
    public byte[]? Msk { get; init; }

    /// <summary>After success the method that has succeeded.</summary>
    public EapType Type { get; init; }

    /// <summary>After success: the method has authenticated the server too, which EAP-only authentication needs (RFC 5998 4).</summary>
    public bool IsMutual { get; init; }

    /// <summary>The EAP identity of the client, as far as it is known: what was asked for, or what is configured.</summary>
    public Policy.Identity? Identity { get; init; }

    /// <summary>After success what an authentication server behind us granted with it; null: nothing.</summary>
    public EapGrant? Grant { get; init; }

    /// <summary>Values of private notifies (RADIUS_ATTRIBUTE, 40969) that the message with the packet has to carry.</summary>
    public ImmutableArray<byte[]> Notifies { get; init; } = [];

    /// <summary>Wait so long before the packet is sent: guessing passwords shall be slow.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Why it failed: a sentence for the operator.</summary>
    public string? Reason { get; init; }

    /// <summary>Lines for the log, group IKE, level 1.</summary>
    public ImmutableArray<string> Lines { get; init; } = [];

    // The MSK must not reach a log by way of a record's printing.
    public override string ToString() => $"{Outcome} {Type}";
}
