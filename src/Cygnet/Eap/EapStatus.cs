// What an EAP conversation knows of revocation, and what it lacks to know. RFC 5216 5.4.
using Cygnet.Pki.Revocation;

namespace Cygnet.Eap;

/// <summary>
/// The cache as it was when the conversation began, what was fetched since, and whether more may be. After a step with the outcome Pending <see cref="Round"/> says
/// what is needed; the answers go into <see cref="Answers"/> before the conversation is resumed. Not thread safe: one step at a time.
/// </summary>
public sealed class EapStatus(StatusPicture cached, bool mayFetch, StatusSettings settings)
{
    public Dictionary<StatusNeed, StatusAnswer> Answers { get; } = [];

    /// <summary>The last validation; null: there was none.</summary>
    public StatusRound? Round { get; private set; }

    /// <summary>The last validation, once: what it has learned is for the cache.</summary>
    public StatusRound? TakeRound()
    {
        var round = Round;
        Round = null;
        return round;
    }

    /// <summary>What was found wrong with the other side's certificates, for whoever runs the conversation to take.</summary>
    public List<Auth.CertificateFault> Faults { get; } = [];

    internal StatusRound Begin() => Round = new(cached, Answers, mayFetch) { Settings = settings };
}
