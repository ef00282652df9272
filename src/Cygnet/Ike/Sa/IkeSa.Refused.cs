// Refusals of an IKE_SA, ours and the peer's: said once in the log, kept for ipsec why, raised as an alert.
using Cygnet.Policy;

namespace Cygnet.Ike;

sealed partial class IkeSa
{
    /// <summary>
    /// Something did not fit. <paramref name="reason"/> is a sentence for the operator, <paramref name="change"/> the setting that would change it,
    /// <paramref name="facts"/> what was offered, allowed, looked for. What strangers cause is kept as far as it is logged.
    /// </summary>
    public void Refused(RefusalKind kind, RefusedBy by, string reason, string? change = null, params ReadOnlySpan<string> facts) =>
        Refused(AlertType.Of(kind, by), kind, by, reason, change, facts);

    /// <summary>The same where the kind does not tell what <paramref name="alert"/> it is; null: none.</summary>
    public void Refused(string? alert, RefusalKind kind, RefusedBy by, string reason, string? change = null, params ReadOnlySpan<string> facts)
    {
        Log(LogGroup.Ike, 1, $"{(by == RefusedBy.Peer ? "refused by the peer" : "refused")}: {reason}{(change is null ? "" : "; ")}{change}");
        if (IsQuiet) return;
        if (alert is not null) Alert(alert);
        var connection = Provisional;
        Engine.Host.Shared.Refusals.Add(new()
        {
            Connection = connection?.Name ?? "", Kind = kind, By = by, Reason = reason, Change = change, Facts = [.. facts],
            At = Engine.Host.WallTime, First = Engine.Host.WallTime, IkeId = UniqueId, WeInitiated = IsInitiator, Local = Local, Remote = Remote,
            LocalId = LocalId?.ToString() ?? (connection is { Local: [{ Id: { Kind: not IdentityKind.Any } own }, ..] } ? own.ToString() : null),
            RemoteId = RemoteId?.ToString(),
            IsStrangers = !IsInitiator && Phase < Phase.Established,
        });
    }
}
