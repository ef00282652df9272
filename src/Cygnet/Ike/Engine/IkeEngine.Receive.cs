// The daemon's front door: which SA a datagram belongs to, and the first request of a stranger. RFC 7296 2.5, 2.6, 1.2.
using Cygnet.Ike.Exchanges;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike;

public sealed partial class IkeEngine
{
    readonly Dictionary<(Address, ulong), IkeSa> _inits = [];
    readonly Dictionary<Address, int> _halfOpenByIp = [];
    readonly Cookies _cookies;
    int _halfOpen;

    /// <summary>Half-open IKE_SAs of which we are the responder, on this shard.</summary>
    public int HalfOpenCount => _halfOpen;

    /// <summary>An IKE datagram, without the non-ESP marker. Never throws, whatever it holds.</summary>
    public void Receive(Endpoint local, Endpoint remote, ReadOnlySpan<byte> datagram, Instant now)
    {
        Now = now;
        if (datagram.Length > Settings.MaxPacket) Drop(DropReason.TooLarge);
        else if (!IkeHeader.TryRead(datagram, out var header) || header.Length != datagram.Length || header.InitiatorSpi == 0) Drop(DropReason.Header); // RFC 7296 3.1: it is never zero
        else if (header.MajorVersion != 2) RefuseVersion(header, local, remote);
        else if (header is { Exchange: ExchangeType.IkeSaInit, IsRequest: true }) ReceiveInit(header, datagram, local, remote);
        else if (header is { Exchange: ExchangeType.IkeSessionResume, IsRequest: true, ResponderSpi: 0 }) ReceiveResume(header, datagram, local, remote);
        else ReceiveForSa(header, datagram, local, remote);
        Rearm();
    }

    void ReceiveForSa(in IkeHeader header, ReadOnlySpan<byte> datagram, Endpoint local, Endpoint remote)
    {
        var (own, peer) = header.FromInitiator ? (header.ResponderSpi, header.InitiatorSpi) : (header.InitiatorSpi, header.ResponderSpi);
        if (!_bySpi.TryGetValue(own, out var sa))
        {
            Drop(DropReason.UnknownSpi); // RFC 7296 2.21.4: we answer nothing that is not protected
            if (!PromisedSpis.Contains(own)) AnswerLost(header, local, remote);
            return;
        }
        var known = sa.IsInitiator ? sa.ResponderSpi : sa.InitiatorSpi;
        if (known != peer && !(sa.Phase == Phase.Init && known == 0))
        {
            Drop(DropReason.UnknownSpi);
            return;
        }
        try { sa.Receive(header, datagram, local, remote); }
        catch (Exception e) { Fault(sa, e); }
    }

    /// <summary>
    /// A protected request about an IKE_SA that is not here: if a crash is why, our token tells the peer. Of an IKE_SA that is here nobody gets it;
    /// of others whoever asks, but only so many a second. RFC 6290 4.4.
    /// </summary>
    void AnswerLost(in IkeHeader header, Endpoint local, Endpoint remote)
    {
        if (Host.CrashTokens is not { } tokens || !header.IsRequest || header.ResponderSpi == 0
            || header.NextPayload is not (PayloadType.Encrypted or PayloadType.EncryptedFragment) || header.Exchange == ExchangeType.IkeAuth) return;
        if (!_tokenAllowance.Take(Now, TokensPerSecond, out _)) return;
        Host.Log(new(LogGroup.Ike, 1, null, 0, $"request from {remote} about an IKE_SA that is not here, answering with its token"));
        Reply(header, local, remote, CrashDetection.Answer(tokens, header));
    }

    const int TokensPerSecond = 100, EarlyPerSecond = 1;
    LogAllowance _tokenAllowance, _earlyAllowance;

    /// <summary>The first message of a stranger: as little as possible is believed, computed and stored.</summary>
    void ReceiveInit(in IkeHeader header, ReadOnlySpan<byte> datagram, Endpoint local, Endpoint remote)
    {
        if (!header.FromInitiator || header.ResponderSpi != 0 || header.MessageId != 0)
        {
            Drop(DropReason.Malformed);
            return;
        }
        if (IsRepeated(header, datagram, remote)) return;
        if (Settings.InitiatorOnly)
        {
            Drop(DropReason.InitiatorOnly);
            return;
        }
        if (Configuration is null) // just started: the peer asks again, by then we know it
        {
            if (_earlyAllowance.Take(Now, EarlyPerSecond, out _)) Host.Log(new(LogGroup.Ike, 1, null, 0, $"ignoring IKE_SA_INIT from {remote}, no connections are loaded yet"));
            Drop(DropReason.NotConfigured);
            return;
        }
        var parsed = Message.TryParse(datagram, out var message);
        if (parsed.Outcome == ParseOutcome.UnsupportedCriticalPayload)
        {
            Refuse(header, local, remote, new(NotifyType.UnsupportedCriticalPayload, [parsed.Type]));
            return;
        }
        if (!parsed.IsOk || message.Encrypted is not null || message.Get<SaPayload>() is null || message.Get<KePayload>() is null || message.Get<NoncePayload>() is not { } nonce)
        {
            Drop(DropReason.Malformed);
            return;
        }
        Counters.AddMessage(header.Exchange, incoming: true, response: false, null);
        if (!MayEnter(header, message, nonce.Data, local, remote)) return;
        var candidates = Configuration.Connections.For(local.Address, remote.Address);
        if (candidates.Count == 0)
        {
            Refused(RefusalKind.Peer, LogGroup.Ike, $"no IKE config found for {local.Address}...{remote.Address}, sending NO_PROPOSAL_CHOSEN", local, remote,
                "'left=' and 'right=' of a connection must allow these two addresses",
                [.. Configuration.Connections.Take(RefusedConnections).Select(c => $"'{c.Name}' is for {string.Join(',', c.LocalAddrs)}...{string.Join(',', c.RemoteAddrs)}")]);
            Refuse(header, local, remote, new(NotifyType.NoProposalChosen, []));
            return;
        }
        var sa = new IkeSa(this, isInitiator: false, local, remote) { InitiatorSpi = header.InitiatorSpi, ResponderSpi = NewIkeSpi(), State = IkeState.Connecting };
        sa.Handshake!.InitRequest = datagram.ToArray();
        Enter(sa, message, datagram.Length, () => sa.AnswerFirst(new IkeSaInit(sa, candidates), message));
    }

    /// <summary>The first request of an IKE_SA that is being set up, again.</summary>
    bool IsRepeated(in IkeHeader header, ReadOnlySpan<byte> datagram, Endpoint remote)
    {
        if (!_inits.TryGetValue((remote.Address, header.InitiatorSpi), out var known)) return false;
        if (known.Handshake is { } h && known.Receiving is { Expected: 1, Response: not null } && h.InitRequest.AsSpan().SequenceEqual(datagram)) known.RepeatInit();
        else Drop(DropReason.Busy);
        return true;
    }

    /// <summary>A stranger's IKE_SA begins.</summary>
    void Enter(IkeSa sa, Message message, int bytes, Action answer)
    {
        Register(sa);
        _inits[(sa.Remote.Address, sa.InitiatorSpi)] = sa;
        BeginHalfOpen(sa);
        try
        {
            sa.TakeLogAllowance();
            sa.Log(LogGroup.Net, 1, $"received packet: from {sa.Remote} to {sa.Local} ({bytes} bytes)");
            sa.Log(LogGroup.Enc, 1, $"parsed {Notation.Describe(message.Header, message.Payloads)}");
            answer();
        }
        catch (Exception e) { Fault(sa, e); }
    }

    /// <summary>Half-open limits and cookies. RFC 7296 2.6.</summary>
    bool MayEnter(in IkeHeader header, Message message, byte[] ni, Endpoint local, Endpoint remote)
    {
        var (s, perIp) = (Settings, _halfOpenByIp.GetValueOrDefault(remote.Address));
        if (s.InitLimitHalfOpen > 0 && Host.Shared.HalfOpen >= s.InitLimitHalfOpen)
            return Ignore($"half-open IKE_SA limit of {s.InitLimitHalfOpen} reached", "charon.init_limit_half_open sets the limit");
        if (s.InitLimitJobLoad > 0 && Host.Shared.JobLoad?.Invoke() is { } load && load > s.InitLimitJobLoad)
            return Ignore($"job load of {load} exceeds limit of {s.InitLimitJobLoad}", "charon.init_limit_job_load sets the limit");
        if (s.IkeSaLimit > 0 && Host.Shared.Peers.Count >= s.IkeSaLimit) return Ignore($"IKE_SA limit of {s.IkeSaLimit} reached", "charon.ikesa_limit sets the limit");
        if (!s.DosProtection) return true;
        if (Host.Shared.HalfOpen >= s.CookieThreshold && s.CookieThreshold > 0 || perIp >= s.CookieThresholdPerIp && s.CookieThresholdPerIp > 0)
        {
            if (message.Payloads is not [NotifyPayload { Notify: NotifyType.Cookie } cookie, ..] || !_cookies.Check(cookie.Data, ni, remote.Address, header.InitiatorSpi, Now))
            {
                Refuse(header, local, remote, new(NotifyType.Cookie, _cookies.Make(ni, remote.Address, header.InitiatorSpi, Now)));
                return false;
            }
        }
        return perIp < s.BlockThreshold || s.BlockThreshold == 0 || Ignore($"per-IP half-open IKE_SA limit of {s.BlockThreshold} reached", "charon.block_threshold sets the limit");

        bool Ignore(string reason, string change)
        {
            Refused(RefusalKind.Limit, LogGroup.Net, $"ignoring IKE_SA setup from {remote.Address}, {reason}", local, remote, change, []);
            Drop(DropReason.HalfOpenLimit);
            return false;
        }
    }

    void BeginHalfOpen(IkeSa sa)
    {
        sa.Handshake!.CountsAsHalfOpen = true;
        _halfOpen++;
        Host.Shared.AddHalfOpen(1);
        _halfOpenByIp[sa.Remote.Address] = _halfOpenByIp.GetValueOrDefault(sa.Remote.Address) + 1;
        sa.Handshake.HalfOpenAddress = sa.Remote.Address;
        sa.ArmHalfOpen(Settings.HalfOpenTimeout);
    }

    internal void EndHalfOpen(IkeSa sa)
    {
        sa.Handshake!.CountsAsHalfOpen = false;
        _halfOpen--;
        Host.Shared.AddHalfOpen(-1);
        var address = sa.Handshake.HalfOpenAddress;
        _inits.Remove((address, sa.InitiatorSpi));
        var left = _halfOpenByIp.GetValueOrDefault(address) - 1;
        if (left > 0) _halfOpenByIp[address] = left;
        else _halfOpenByIp.Remove(address);
    }

    /// <summary>RFC 7296 2.5: another major version is told what we speak. IKEv1 gets no answer: it would not understand one.</summary>
    void RefuseVersion(in IkeHeader header, Endpoint local, Endpoint remote)
    {
        Drop(DropReason.Version);
        if (header.MajorVersion > 2 && header.IsRequest) Refuse(header, local, remote, new(NotifyType.InvalidMajorVersion, []));
    }

    /// <summary>Refuses the request that made this SA; the caller destroys it.</summary>
    internal void RefuseInit(IkeSa sa, NotifyPayload notify)
    {
        sa.Log(LogGroup.Enc, 1, $"generating IKE_SA_INIT response 0 [ N({NotifyNames.Short(notify.Notify)}) ]");
        Refuse(new(sa.InitiatorSpi, sa.ResponderSpi, ExchangeType.IkeSaInit, HeaderFlags.Initiator, 0), sa.Local, sa.Remote, notify);
    }

    /// <summary>An unprotected answer that leaves no state behind.</summary>
    void Refuse(in IkeHeader header, Endpoint local, Endpoint remote, NotifyPayload notify) => Reply(header, local, remote, [notify]);

    void Reply(in IkeHeader header, Endpoint local, Endpoint remote, IReadOnlyList<Payload> payloads)
    {
        var reply = new IkeHeader(header.InitiatorSpi, header.ResponderSpi, header.Exchange, HeaderFlags.Response | (header.FromInitiator ? 0 : HeaderFlags.Initiator), header.MessageId);
        Host.Send(local, remote, Message.EncodePlain(reply, payloads));
        Counters.AddMessage(header.Exchange, incoming: false, response: true, null);
    }

    const int RefusedConnections = 8;

    /// <summary>A stranger who gets no IKE_SA: said, and kept for ipsec why, at most a few times a second, however many packets come.</summary>
    void Refused(RefusalKind kind, LogGroup group, string reason, Endpoint local, Endpoint remote, string change, System.Collections.Immutable.ImmutableArray<string> facts)
    {
        if (!_noteAllowance.Take(Now, 10, out _)) return;
        Host.Log(new(group, 1, null, 0, reason));
        Host.Shared.Refusals.Add(new()
        {
            Connection = "", Kind = kind, By = RefusedBy.Us, Reason = reason, Change = change, Facts = facts, At = Host.WallTime, First = Host.WallTime,
            Local = local, Remote = remote, IsStrangers = true,
        });
    }

    /// <summary>Whether a datagram of a peer that is not authenticated may be logged: together they get so many a second.</summary>
    internal bool TakeStrangersLogAllowance()
    {
        var taken = _strangersAllowance.Take(Now, IkeSa.LoggedPerSecond, out var isFirstRefused);
        if (isFirstRefused) Host.Log(new(LogGroup.Net, 1, null, 0, $"more than {IkeSa.LoggedPerSecond} messages of unauthenticated peers in a second, not logging the others"));
        return taken;
    }

    /// <summary>Whether an alert that a stranger can cause may still be raised: a client of VICI that does not keep up loses its connection.</summary>
    internal bool TakeAlertAllowance() => _alertAllowance.Take(Now, AlertsPerSecond, out _);

    /// <summary>Alerts of a second that peers who are not authenticated cause, all together.</summary>
    public const int AlertsPerSecond = 50;

    LogAllowance _noteAllowance, _strangersAllowance, _alertAllowance;
}
