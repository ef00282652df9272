// REDIRECT: a gateway sends its client to another one. RFC 5685.
//   IKE_SA_INIT:    HDR, SAi1, KEi, Ni, N(REDIR_SUP | REDIR_FROM)  -->
//                        <--  HDR(A,0), N(REDIR, New_GW_ID, Ni)
//   IKE_AUTH:            <--  HDR, SK {IDr, .. AUTH, N(REDIR)}
//   INFORMATIONAL:       <--  HDR, SK {N(REDIR)}
//                             HDR, SK {}  -->
using System.Security.Cryptography;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed class Redirect(IkeSa ike, Identity? gateway = null) : Exchange(ike)
{
    public override string Task => "IKE_REDIRECT";
    public override ExchangeType Type => ExchangeType.Informational;

    public override Exchange? For(IkeSa successor) => new Redirect(successor, gateway);

    public override void Begin()
    {
        Ike.Log(LogGroup.Ike, 1, $"redirecting peer to {gateway}");
        Ike.BeSentAway();
        Ike.Request(this, [new NotifyPayload(NotifyType.Redirect, GatewayIdentity.Write(gateway!))]);
    }

    /// <summary>The client rekeyed the IKE_SA and deleted it before it heard of this: it is told on the successor.</summary>
    public override void Abandon(string? reason)
    {
        if (gateway is not null && Ike.Successor is { IsAlive: true } successor) successor.Enqueue(new Redirect(successor, gateway));
    }

    public override void OnResponse(Message response)
    {
        Ike.BeSentAway(); // its time begins now
        Ike.Complete(this);
    }

    public override void OnRequest(Message request)
    {
        Ike.Respond(this, []);
        if (Read(request) is { } to) Ike.FollowRedirect(to);
        else Ike.Log(LogGroup.Ike, 1, $"received invalid REDIRECT notify");
    }

    /// <summary>Initiator, in IKE_SA_INIT: that we follow redirects, or that we come because of one. RFC 5685 3, 5.</summary>
    public static void Announce(IkeSa ike, List<Payload> payloads)
    {
        if (!ike.Engine.Settings.FollowRedirects) return;
        payloads.Add(ike.Redirection?.From is { } from
            ? new NotifyPayload(NotifyType.RedirectedFrom, GatewayIdentity.Write(Identity.FromAddress(from)))
            : new NotifyPayload(NotifyType.RedirectSupported));
    }

    /// <summary>Responder, in IKE_SA_INIT: whether the client follows redirects, and which gateway sent it.</summary>
    public static Identity? Note(IkeSa ike, Message request)
    {
        ike.PeerFollowsRedirects = request.Has(NotifyType.RedirectSupported);
        if (request.Notify(NotifyType.RedirectedFrom) is not { } notify) return null;
        var from = GatewayIdentity.Read(notify.Data, out _);
        if (from is null) ike.Log(LogGroup.Ike, 1, $"received invalid REDIRECTED_FROM notify, ignored");
        else ike.Log(LogGroup.Ike, 1, $"client got redirected from {from}");
        ike.PeerFollowsRedirects |= from is not null;
        return from;
    }

    /// <summary>Where the rules of this gateway send such a client; null: it stays. Not back to where it comes from.</summary>
    public static Identity? Target(IkeSa ike, bool isAfterAuthentication, Identity? from = null)
    {
        if (!ike.PeerFollowsRedirects) return null;
        foreach (var rule in ike.Engine.Settings.Redirects)
        {
            if (rule.IsAfterAuthentication != isAfterAuthentication
                || rule.PeerIp is { } ip && !ip.Contains(ike.Remote.Address)
                || rule.PeerId is { } id && ike.RemoteAccount!.Match(id) == Identity.NoMatch
                || rule.Connection is { } name && ike.Connection!.Name != name
                || rule.Above is { } most && ike.Engine.Host.Shared.Peers.Count <= most) continue;
            var gateways = rule.Gateways.RemoveAll(g => g.Equals(from) || g.Address == ike.Local.Address);
            if (!gateways.IsEmpty) return gateways[(int)ike.Engine.RandomBelow((uint)gateways.Length)];
        }
        return null;
    }

    public static Identity? Read(Message message) => message.Notify(NotifyType.Redirect) is { } notify ? GatewayIdentity.Read(notify.Data, out _) : null;

    /// <summary>
    /// In IKE_SA_INIT nothing is protected: only who has seen our request knows the nonce. What does not have it is as good as not sent, and the
    /// gateway's own answer may still come. RFC 5685 3, 11.
    /// </summary>
    public static bool IsForged(Message response, byte[] ni) => response.Notify(NotifyType.Redirect) is { } notify
        && (GatewayIdentity.Read(notify.Data, out var nonce) is null || !CryptographicOperations.FixedTimeEquals(nonce, ni));
}
