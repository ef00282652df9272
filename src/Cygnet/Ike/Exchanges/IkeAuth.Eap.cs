// IKE_AUTH with EAP, both roles: the initiator is always the client. RFC 7296 2.16; RFC 3748; RFC 5998.
using Cygnet.Auth;
using Cygnet.Eap;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed partial class IkeAuth
{
    IEapPeer? _client;
    IEapServer? _server;
    EapStatus? _eapStatus;
    byte[]? _msk;

    // For one conversation.
    EapSurroundings Surroundings()
    {
        var host = Ike.Engine.Host;
        _eapStatus = new(host.Shared.Statuses.Current, host.StatusFetcher is not null, host.StatusFetcher?.Settings ?? new());
        return new(Ike.Engine.Configuration!.Credentials, host.Crypto, host.Random, host.WallTime, Ike.Engine.Settings.Eap) { Status = _eapStatus, Trust = Ike.Engine.Settings.Trust };
    }

    /// <summary>Initiator: one packet of the server; then the answer to send, or the outcome.</summary>
    void ReceiveAsClient(EapPayload packet, Action<EapStep> then)
    {
        var client = _client ??= EapPeers.Create(new(OwnRound, PeerRound, Ike.LocalId!, Ike.RemoteId!, Surroundings()) { IsServerAuthenticated = !_isEapOnly });
        Ike.Do(this, client.Microseconds, () => client.Receive(packet.Data), step => Take(step, then));
    }

    /// <summary>Responder: the first request of the method that the connection names.</summary>
    void BeginAsServer(Message request, Action<EapStep> then)
    {
        var server = _server = EapServers.Create(new(PeerRound, OwnRound, Ike.LocalId ?? Identity.Any, PeerIdentity, Surroundings()) { Radius = Ike.Engine.Host.Radius, Sa = new(Ike.UniqueId, Ike.Name, Ike.Local, Ike.Remote) });
        Note(server, request);
        Ike.Do(this, server.Microseconds, () => server.Begin(), step => Take(step, then));
    }

    void ReceiveAsServer(Message request, EapPayload packet, Action<EapStep> then)
    {
        var server = _server!;
        Note(server, request);
        Ike.Do(this, server.Microseconds, () => server.Receive(packet.Data), step => Take(step, then));
    }

    void Note(IEapServer server, Message request)
    {
        // what the private number means has to be said first
        if (!Ike.PeerSentVendorId) return;
        foreach (var notify in request.All<NotifyPayload>().Where(n => n.Notify == NotifyType.RadiusAttribute)) server.Note(notify.Data);
    }

    void Take(EapStep step, Action<EapStep> then)
    {
        foreach (var line in step.Lines) Ike.Write(LogGroup.Ike, 1, line);
        if (step.Outcome == EapOutcome.Pending)
        {
            Fetch(Ike.Engine.Host.StatusFetcher!, _eapStatus!.Round!.Needs, _eapStatus.Answers, () => Resume(then));
            return;
        }
        if (_eapStatus is { Faults.Count: > 0 })
        {
            Tell(_eapStatus.Faults);
            _eapStatus.Faults.Clear();
        }
        if (_eapStatus?.TakeRound() is { } round) Ike.Engine.Host.StatusFetcher?.Keep(Ike.Engine.Host.Shared.Statuses.Learn(round, Ike.Engine.Host.WallTime));
        if (step.Identity is not null && !Ike.IsInitiator) Ike.RemoteEapId = step.Identity;
        if (step.Outcome == EapOutcome.Success) (_msk, Ike.Grant) = (step.Msk, step.Grant);
        if (step.Delay > TimeSpan.Zero) Ike.Later(step.Delay, () => then(step));
        else then(step);
    }

    /// <summary>What the method had to know of a certificate is there.</summary>
    void Resume(Action<EapStep> then)
    {
        if (_client is { } client) Ike.Do(this, client.Microseconds, client.Resume, step => Take(step, then));
        else if (_server is { } server) Ike.Do(this, server.Microseconds, server.Resume, step => Take(step, then));
    }

    /// <summary>The proof that ends a round of EAP: keyed by the MSK, or by SK_p if the method makes none. RFC 7296 2.16.</summary>
    Proof ProveEap()
    {
        Ike.Log(LogGroup.Ike, 1, $"authentication of '{OwnIdentity}' (myself) with EAP");
        return Prove([], AuthMethod.SharedKey, (octets, skP) => PskAuth.Compute(Ike.Prf!, _msk ?? skP, octets));
    }

    /// <summary>The peer's AUTH after EAP; null, or the reason for a refusal.</summary>
    string? CheckEap(AuthPayload auth)
    {
        var who = PeerIdentity;
        if (auth.Method != AuthMethod.SharedKey || !PskAuth.Verify(Ike.Prf!, _msk ?? PeerAuthKey, PeerOctets(PeerAuthKey), auth.Data))
        {
            Ike.Log(LogGroup.Ike, 1, $"verification of AUTH payload with{(_msk is null ? "out" : "")} EAP MSK failed");
            return "the AUTH payload after EAP does not verify: the two ends have different keys from the method";
        }
        Ike.Log(LogGroup.Ike, 1, $"authentication of '{who}' with EAP successful");
        return null;
    }

    Identity OwnIdentity => Identity.TryFromWire(_ownId!.IdType, _ownId.Data, out var id) ? id : Identity.Any;

    void EndEap()
    {
        _client?.Dispose();
        _server?.Dispose();
        (_client, _server) = (null, null);
        if (_msk is not null) System.Security.Cryptography.CryptographicOperations.ZeroMemory(_msk);
        _msk = null;
    }
}
