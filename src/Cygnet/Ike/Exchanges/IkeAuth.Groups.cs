// IKE_AUTH, which groups a peer belongs to that authenticated with a certificate: attribute certificates. RFC 5755; RFC 7296 3.6 (encoding 10).
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Pki.Revocation;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed partial class IkeAuth
{
    // Of what a peer sends before it is authenticated, so many are parsed.
    const int MaxReceivedAttributes = 8;

    List<AttributeCertificate> ReceivedAttributes(Message message)
    {
        List<AttributeCertificate> received = [];
        foreach (var payload in message.All<CertPayload>().Where(c => c.Encoding == CertPayload.X509Attribute).Take(MaxReceivedAttributes))
        {
            // Not PEM, which this would read too.
            var reason = "it is no DER";
            if (payload.Data is [0x30, ..] && AttributeCertificate.TryParse(payload.Data, out reason) is { } ac)
            {
                Ike.Log(LogGroup.Ike, 1, $"received attribute certificate issued by \"{ac.Issuer}\"");
                received.Add(ac);
            }
            else Ike.Log(LogGroup.Ike, 1, $"received an attribute certificate that does not parse, ignored: {reason}");
        }
        return received;
    }

    /// <summary>Looks for the groups of a peer that has proven to have the key of its certificate, if the round wants any.</summary>
    static Verdict WithGroups(Verdict verdict, ICryptoDoor crypto, ICredentials credentials, Shown proof, DateTimeOffset now, StatusRound status)
    {
        if (verdict.Reason is not null || proof.Round.Groups.IsEmpty || verdict.Holder is not { } holder) return verdict;
        var needs = status.Needs.Count;
        var groups = credentials.GroupsOf(crypto, holder, proof.Attributes, proof.Round.Revocation, now, status);
        if (status.Needs.Count > needs) return verdict with { IsPending = true };
        return verdict with { Groups = groups, Lines = [.. verdict.Lines, .. groups.Lines] };
    }

    /// <summary>Of the groups that the round wants, the peer needs one.</summary>
    Denial? WrongGroups(AuthRound round, Membership membership)
    {
        if (round.Groups.IsEmpty || round.Groups.Any(membership.Groups.Contains)) return null;
        LogGroups(round);
        var has = membership.Groups.Count == 0 ? "in no group by a valid attribute certificate" : $"in the groups '{string.Join(", ", membership.Groups)}' by its attribute certificates";
        return new($"the peer is {has}; 'rightgroups{Ordinal}=' wants one of {string.Join(", ", round.Groups)}",
            "an attribute certificate for the peer's certificate that names one of these groups, sent by the peer or in ipsec.d/acerts, from an authority in ipsec.d/aacerts, would admit it")
        {
            Facts = [.. membership.Lines.Take(8).Select(l => l.Trim())],
        };
    }

    /// <summary>A proof without a certificate says nothing of groups.</summary>
    Denial? NoGroups(AuthRound round, string proof)
    {
        if (round.Groups.IsEmpty) return null;
        LogGroups(round);
        return new($"the peer used {proof}, which says nothing of groups; 'rightgroups{Ordinal}=' wants one of {string.Join(", ", round.Groups)}",
            "groups come with an attribute certificate ('rightauth=pubkey') or from an authentication server ('rightauth=eap-radius')");
    }

    void LogGroups(AuthRound round)
    {
        foreach (var group in round.Groups) Ike.Log(LogGroup.Cfg, 1, $"constraint check failed: group membership to '{group}' required");
    }
}
