// Requests of RADIUS servers to end a session or to change it. RFC 5176.
//   client                               we
//   Disconnect-Request {session}    -->
//                                  <--  Disconnect-ACK | Disconnect-NAK {Error-Cause}
//   CoA-Request {session, Session-Timeout, Filter-Id}  -->
//                                  <--  CoA-ACK | CoA-NAK {Error-Cause}
using System.Collections.Immutable;
using System.Text;
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Radius;

/// <summary>No socket and no clock in it; one call at a time. What is not authentic gets no answer, and a line in the log ten times a second at most.</summary>
public sealed class DaeServer(DaeSettings dae, RadiusSessions sessions, Action<string> log)
{
    const int MaxRemembered = 256;
    const uint AuthorizeOnly = 17;

    /// <summary>How far Event-Timestamp may be from our clock. RFC 5176 6.3.</summary>
    static readonly TimeSpan s_window = TimeSpan.FromSeconds(300);

    readonly Queue<(Endpoint From, byte[] Authenticator, byte Identifier, byte[] Reply)> _answered = new();
    LogAllowance _refusals;

    /// <summary>
    /// Judges a datagram; null: no answer. <paramref name="isClient"/>: whether we take requests from that address. A repetition gets the answer that it
    /// had, and nothing is done again.
    /// </summary>
    public DaeVerdict? Receive(ReadOnlySpan<byte> datagram, Endpoint from, bool isClient, Func<Address, bool> isOurs, DateTimeOffset clock, Instant now)
    {
        if (!isClient) return Ignore($"ignoring RADIUS DAE request from {from}, which is no client: neither a RADIUS server nor among dae.x-clients", now);
        if (!RadiusPacket.TryParse(datagram, out var request, out var reason)) return Ignore($"ignoring invalid RADIUS DAE request from {from}: {reason}", now);
        if (request.Code is not (RadiusCode.DisconnectRequest or RadiusCode.CoaRequest))
            return Ignore($"ignoring unsupported RADIUS DAE {request.Code.Name()} message from {from}", now);
        if (!RadiusAuthenticator.IsRequest(request, dae.Secret))
            return Ignore($"ignoring invalid RADIUS DAE request from {from}: its authenticator is wrong; is the secret the same at both ends?", now);
        if (RadiusAuthenticator.HasGoodMessageAuthenticator(request, new byte[RadiusPacket.AuthenticatorBytes], dae.Secret) == false)
            return Ignore($"ignoring invalid RADIUS DAE request from {from}: its Message-Authenticator is wrong", now);
        foreach (var (to, authenticator, identifier, reply) in _answered)
            if (to == from && identifier == request.Identifier && request.Authenticator.SequenceEqual(authenticator))
            {
                log($"received retransmit of RADIUS {request.Code.Name()}, retransmitting {((RadiusCode)reply[0]).Name()} to {from}");
                return new(reply, []);
            }
        if (request.First(RadiusType.EventTimestamp) is { Number: var stamp } && (stamp is null || (clock - DateTimeOffset.FromUnixTimeSeconds(stamp.Value)).Duration() > s_window))
            return Ignore($"ignoring RADIUS DAE request from {from}: its Event-Timestamp is more than {s_window.TotalSeconds:F0}s from our clock", now);
        var verdict = Judge(request, from, isOurs);
        _answered.Enqueue((from, request.Authenticator.ToArray(), request.Identifier, verdict.Reply));
        if (_answered.Count > MaxRemembered) _answered.Dequeue();
        return verdict;
    }

    DaeVerdict Judge(RadiusPacket request, Endpoint from, Func<Address, bool> isOurs)
    {
        var (ack, nak) = request.Code == RadiusCode.DisconnectRequest ? (RadiusCode.DisconnectAck, RadiusCode.DisconnectNak) : (RadiusCode.CoaAck, RadiusCode.CoaNak);
        var who = request.First(RadiusType.UserName) is { } name ? Identity.Printable(name.Value.Span) : "a session";
        log($"received RADIUS DAE {request.Code.Name()} for {who} from {from}");
        var criteria = new List<Func<AccountingSession, bool>>();
        TimeSpan? lifetime = null;
        List<string>? groups = null;
        foreach (var a in request.Attributes)
        {
            if (Criterion(a) is { } criterion)
            {
                criteria.Add(criterion);
                continue;
            }
            switch (a.Type)
            {
                case RadiusType.NasIpAddress or RadiusType.NasIpv6Address when a.Address is not { } address || !isOurs(address):
                case RadiusType.NasIdentifier when !sessions.Settings.Servers.Any(s => a.Value.Span.SequenceEqual(Encoding.UTF8.GetBytes(s.NasIdentifier))):
                    return Refuse(DaeErrorCause.NasIdentificationMismatch, $"{RadiusTypeNames.Name((byte)a.Type)} is not ours");
                case RadiusType.SessionTimeout when request.Code == RadiusCode.CoaRequest:
                    if (RadiusGrant.Seconds(a) is not { } seconds) return Refuse(DaeErrorCause.InvalidAttributeValue, "Session-Timeout is no number above zero");
                    lifetime = seconds;
                    break;
                case RadiusType.FilterId when request.Code == RadiusCode.CoaRequest:
                    if (!sessions.Settings.FilterId) return Refuse(DaeErrorCause.UnsupportedAttribute, "Filter-Id counts only with charon.plugins.eap-radius.filter_id = yes");
                    (groups ??= []).Add(Identity.Printable(a.Value.Span));
                    break;
                case RadiusType.ServiceType when a.Number == AuthorizeOnly: return Refuse(DaeErrorCause.UnsupportedService, "Authorize-Only is not built");
                // they say who we are, or nothing about the session, or are echoed, or have been looked at
                case RadiusType.NasIpAddress or RadiusType.NasIpv6Address or RadiusType.NasIdentifier or RadiusType.EventTimestamp or RadiusType.MessageAuthenticator
                    or RadiusType.ProxyState or RadiusType.State or RadiusType.Class or RadiusType.ReplyMessage or RadiusType.AcctTerminateCause
                    or RadiusType.ServiceType or RadiusType.NasPortType or RadiusType.TunnelType or RadiusType.VendorSpecific:
                    break;
                // what might narrow the request down must not be passed over: it would hit too many
                default: return Refuse(DaeErrorCause.UnsupportedAttribute, $"{RadiusTypeNames.Name((byte)a.Type)} is not understood");
            }
        }
        if (criteria.Count == 0) return Refuse(DaeErrorCause.MissingAttribute, "no attribute says which session");
        if (ack == RadiusCode.CoaAck && lifetime is null && groups is null)
        {
            log($"no Session-Timeout attribute found in {request.Code.Name()}, sending {nak.Name()}");
            return Refuse(DaeErrorCause.MissingAttribute, null);
        }
        var matching = sessions.All.Where(s => criteria.TrueForAll(c => c(s))).ToArray();
        if (matching.Length == 0)
        {
            log($"no IKE_SA matches {who}, sending {nak.Name()}");
            return Refuse(DaeErrorCause.SessionContextNotFound, null);
        }
        var plural = matching.Length == 1 ? "" : "s";
        if (ack == RadiusCode.DisconnectAck)
        {
            log($"closing {matching.Length} IKE_SA{plural} matching {who}, sending {ack.Name()}");
            foreach (var session in matching) session.Cause = TerminateCause.AdminReset;
        }
        else log($"applying {(lifetime is { } l ? $"{(long)l.TotalSeconds}s lifetime" : "groups")} to {matching.Length} IKE_SA{plural} matching {who}, sending {ack.Name()}");
        return new(Answer(ack, null), [.. matching.Select(s => s.UniqueId)])
        {
            Disconnects = ack == RadiusCode.DisconnectAck, AuthLifetime = lifetime, Groups = groups is null ? null : [.. groups],
        };

        DaeVerdict Refuse(DaeErrorCause cause, string? why)
        {
            if (why is not null) log($"{why}, sending {nak.Name()} with Error-Cause {(uint)cause}");
            return new(Answer(nak, cause), []);
        }

        byte[] Answer(RadiusCode code, DaeErrorCause? cause)
        {
            var attributes = new RadiusAttributes();
            if (cause is { } c) attributes.Add(RadiusType.ErrorCause, (uint)c);
            foreach (var state in request.All(RadiusType.ProxyState)) attributes.Add(RadiusType.ProxyState, state.Value.Span);
            // it cannot be longer than the request, but for the Error-Cause and the Message-Authenticator
            return RadiusAuthenticator.Response(code, request.Identifier, request.Authenticator, attributes, dae.Secret, withMessageAuthenticator: true)
                ?? RadiusAuthenticator.Response(code, request.Identifier, request.Authenticator, new(), dae.Secret, withMessageAuthenticator: true)!;
        }
    }

    /// <summary>What an attribute says about the session; null if it says nothing. A value that cannot be one matches none. RFC 5176 3.</summary>
    Func<AccountingSession, bool>? Criterion(RadiusAttribute a)
    {
        var value = a.Value;
        switch (a.Type)
        {
            case RadiusType.UserName: return s => Is(s.User) || sessions.Settings.IdPrefix.Length > 0 && Is(sessions.Settings.IdPrefix + s.User) || s.Ike.RemoteEapId is { } id && Is(id.ToString());
            case RadiusType.AcctSessionId: return s => Is(s.Id);
            case RadiusType.NasPort: return s => a.Number == (uint)s.UniqueId;
            case RadiusType.NasPortId: return s => Is(s.Ike.Name);
            case RadiusType.CalledStationId: return s => Is(RadiusSession.Station(s.Ike.Local, sessions.Settings.StationIdWithPort));
            case RadiusType.CallingStationId: return s => Is(RadiusSession.Station(s.Ike.Remote, sessions.Settings.StationIdWithPort));
            case RadiusType.FramedIpAddress or RadiusType.FramedIpv6Address: return s => a.Address is { } address && s.Ike.RemoteVips.Contains(address);
            case RadiusType.FramedIpv6Prefix: return s => s.Ike.RemoteVips.Any(v => v.IsIPv6 && value.Span.SequenceEqual((byte[])[0, 128, .. v.ToBytes()]));
            default: return null;
        }

        bool Is(string text) => value.Span.SequenceEqual(Encoding.UTF8.GetBytes(text));
    }

    DaeVerdict? Ignore(string text, Instant now)
    {
        if (_refusals.Take(now, 10, out _)) log(text);
        return null;
    }
}
