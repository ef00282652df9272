// EAP that a RADIUS server speaks, and that passes through us: the method "eap-radius". RFC 3579 2.
//   client          we                       server
//          <--  EAP-Request/Identity
//   EAP-Response/Identity  -->  Access-Request {User-Name, EAP-Message}  -->
//          <--  EAP-Request    <--  Access-Challenge {State, EAP-Message}
//   ...
//          <--  EAP-Success    <--  Access-Accept {EAP-Message, MS-MPPE-*-Key}
using System.Collections.Immutable;
using Cygnet.Eap;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Radius;

/// <summary>Whatever is not the answer to the open request ends the conversation with EAP-Failure; so does a server that does not answer.</summary>
sealed class RadiusEapServer(EapServerContext context, RadiusSettings settings, IRadiusServers servers, uint started) : EapEnd, IEapServer
{
    const byte Request = 1, Response = 2, Success = 3, Failure = 4;
    const byte TypeIdentity = 1, TypeNak = 3;
    const int HeaderBytes = 4;

    /// <summary>What of an Access-Request is left for EAP and names.</summary>
    const int MaxAttributes = RadiusPacket.MaxBytes - RadiusPacket.HeaderBytes - 18 - 2 - RadiusAttributes.MaxValue;

    readonly RadiusAttributes _forwarded = new();
    ImmutableArray<byte[]> _notifies = [];
    Identity? _identity;
    byte[] _name = [];
    byte[]? _state;
    string? _server;
    byte _id;
    uint _type;
    bool _hasBegun, _awaitsIdentity;

    protected override Identity? Identity => _identity;

    // Never inline: there is a server to wait for.
    public int Microseconds => 1000;

    public void Note(byte[] notify)
    {
        if (_forwarded.List.Count < RadiusForward.Most) settings.IkeToRadius.AddTo(_forwarded, notify);
    }

    public ValueTask<EapStep> Begin()
    {
        if (_hasBegun) return Done(Fail("begun twice"));
        _hasBegun = true;
        if (context.Round.EapId is { Kind: IdentityKind.Any })
        {
            _awaitsIdentity = true;
            Log($"initiating {EapType.Identity} method (id 0x{_id:X2})");
            return Done(Say(new(EapOutcome.Continue, [Request, _id, 0, 5, TypeIdentity])));
        }
        return Ask(context.Round.EapId ?? context.Peer);
    }

    public ValueTask<EapStep> Receive(ReadOnlyMemory<byte> packet)
    {
        if (Refuses() is { } over) return Done(Fail(over));
        if (!_hasBegun) return Done(Fail("a response before any request"));
        if (!TryRead(packet.Span, out var code, out var id, out var type)) return Done(Fail("a malformed EAP packet"));
        if (code != Response) return Done(Fail($"the client sent an EAP packet of code {code}, not a response"));
        if (id != _id) return Done(Fail($"the client answered request 0x{id:X2}, 0x{_id:X2} is open"));
        if (!_awaitsIdentity) return Exchange(new RadiusAttributes().AddEap(packet.Span));
        _awaitsIdentity = false;
        if (type != TypeIdentity) return Done(Fail($"the client answered {new EapType(type)} to a request of {EapType.Identity}"));
        var name = packet.Span[(HeaderBytes + 1)..];
        if (name.IsEmpty)
        {
            Log($"client did not send an EAP identity, assume IKE identity '{context.Peer}'");
            return Ask(context.Peer);
        }
        var identity = Read(name);
        Log($"received EAP identity '{identity}'");
        return Ask(identity);
    }

    /// <summary>The first request to the server: the identity, in the client's name, or EAP-Start. RFC 3579 2.1.</summary>
    ValueTask<EapStep> Ask(Identity identity)
    {
        _identity = identity;
        _name = [.. System.Text.Encoding.UTF8.GetBytes(settings.IdPrefix), .. RadiusSession.NameOf(identity)];
        if (_name.Length > RadiusAttributes.MaxValue) return Done(Fail($"the identity '{identity}' is longer than a RADIUS attribute can hold"));
        var length = HeaderBytes + 1 + _name.Length;
        return Exchange(new RadiusAttributes().AddEap(settings.EapStart ? [] : [Response, 0, (byte)(length >> 8), (byte)length, TypeIdentity, .. _name]));
    }

    async ValueTask<EapStep> Exchange(RadiusAttributes eap)
    {
        var attributes = new RadiusAttributes().Add(RadiusType.UserName, _name);
        if (context.Sa is { } sa)
        {
            RadiusSession.Describe(attributes, sa, settings.StationIdWithPort);
            if (settings.Accounting) attributes.Add(RadiusType.AcctSessionId, RadiusSession.Id(started, sa.UniqueId));
        }
        attributes.AddAll(eap);
        if (_state is not null) attributes.Add(RadiusType.State, _state);
        // what the client would like to say beside EAP must not be in the way of EAP
        if (_forwarded.Length > 0 && attributes.Length + _forwarded.Length <= MaxAttributes) attributes.AddAll(_forwarded);
        _forwarded.Clear();
        if (attributes.Length > MaxAttributes) return Fail("the client's EAP packet is longer than a RADIUS packet can hold");
        var reply = await servers.Request(RadiusCode.AccessRequest, attributes, _server).ConfigureAwait(false);
        return reply is null ? Fail("no RADIUS server answered; look into charon.plugins.eap-radius.servers") : Take(reply);
    }

    EapStep Take(RadiusReply reply)
    {
        var packet = reply.Packet;
        _notifies = settings.RadiusToIke.Select(packet);
        var eap = packet.EapMessage();
        byte code = 0, id = 0;
        uint type = 0;
        if (eap is not null && !TryRead(eap, out code, out id, out type)) return Fail($"RADIUS server '{reply.Server}' sent a malformed EAP packet");
        var isFirst = _server is null;
        _server = reply.Server;
        switch (packet.Code)
        {
            case RadiusCode.AccessChallenge:
                if (code != Request) return Fail($"RADIUS server '{reply.Server}' sent an Access-Challenge without an EAP request");
                _state = packet.First(RadiusType.State)?.Value.ToArray();
                if (type != _type && type > TypeNak) Log($"initiating {new EapType(type)} method (id 0x{id:X2})");
                (_id, _type) = (id, type > TypeNak ? type : _type);
                return Say(new(EapOutcome.Continue, eap) { Notifies = TakeNotifies() });
            // Before the client has said anything this is no authentication: Microsoft's server can be set up to answer so.
            case RadiusCode.AccessAccept when isFirst:
                Log($"RADIUS authentication of '{_identity}' failed");
                return Fail($"RADIUS server '{reply.Server}' accepts without authentication");
            case RadiusCode.AccessAccept when eap is null || code == Success:
                return Accept(reply, eap);
            case RadiusCode.AccessAccept:
                return Fail($"RADIUS server '{reply.Server}' sent an Access-Accept that says EAP code {code}");
            default:
                Log($"RADIUS authentication of '{_identity}' failed");
                if (!isFirst) Log($"EAP method {new EapType(_type)} failed for peer {context.Peer}");
                var text = packet.First(RadiusType.ReplyMessage) is { } message ? $": {Identity.Printable(message.Value.Span)}" : "";
                return Fail($"RADIUS server '{reply.Server}' rejects '{_identity}'{text}", code == Failure ? id : _id);
        }
    }

    EapStep Accept(RadiusReply reply, byte[]? eap)
    {
        var grant = RadiusGrant.Read(reply.Packet, settings, Log);
        Log($"RADIUS authentication of '{_identity}' successful");
        Log($"EAP method {new EapType(_type)} succeeded, {(reply.Msk is null ? "no " : "")}MSK established");
        var type = new EapType(_type);
        return Succeed(new(EapOutcome.Success, eap ?? [Success, _id, 0, HeaderBytes])
        {
            Notifies = TakeNotifies(), Msk = reply.Msk, Type = type, IsMutual = type == EapType.Tls || type == EapType.Aka, Grant = grant,
        });
    }

    EapStep Fail(string reason, byte? id = null) => Fail(reason, (byte[])[Failure, id ?? _id, 0, HeaderBytes]) with { Notifies = TakeNotifies() };

    ImmutableArray<byte[]> TakeNotifies()
    {
        var taken = _notifies;
        _notifies = [];
        return taken;
    }

    static ValueTask<EapStep> Done(EapStep step) => ValueTask.FromResult(step);

    /// <summary>Code, identifier and type, 0 without one; no more: the method is the server's affair. RFC 3748 4.</summary>
    static bool TryRead(ReadOnlySpan<byte> packet, out byte code, out byte id, out uint type)
    {
        var reader = new WireReader(packet);
        (code, id) = (reader.U8(), reader.U8());
        var length = reader.U16();
        type = code is Request or Response ? reader.U8() : 0u;
        return !reader.Failed && length == packet.Length && code is >= Request and <= Failure;
    }

    /// <summary>Text reads as in ipsec.conf, but a pattern never comes from outside: that, and what is no text, is a KEY_ID.</summary>
    static Identity Read(ReadOnlySpan<byte> name)
    {
        if (name.Length > Identity.MaxLength || name.ContainsAnyExceptInRange((byte)0x20, (byte)0x7e)) return Identity.FromKeyId(name);
        var id = Identity.Parse(System.Text.Encoding.ASCII.GetString(name));
        return id.HasWildcards ? Identity.FromKeyId(name) : id;
    }

    public void Dispose()
    {
    }
}
