// Receiving: windows, decryption, reassembly, then the exchange. Nothing changes before the integrity check. RFC 7296 2.1 to 2.3.
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike;

sealed partial class IkeSa
{
    /// <summary>A datagram with one of our SPIs. <paramref name="header"/> was read from it.</summary>
    public void Receive(in IkeHeader header, ReadOnlySpan<byte> datagram, Endpoint local, Endpoint remote)
    {
        // RFC 7296 2.6: the flag tells the original initiator; a message from our own role is a reflection
        if (header.FromInitiator == IsInitiator) Engine.Drop(DropReason.WrongRole);
        else if (header.IsResponse) ReceiveResponse(header, datagram, local, remote);
        else ReceiveRequest(header, datagram, local, remote);
    }

    void ReceiveRequest(in IkeHeader header, ReadOnlySpan<byte> datagram, Endpoint local, Endpoint remote)
    {
        if (Incoming is null)
        {
            Engine.Drop(DropReason.WrongState);
            return;
        }
        if (header.MessageId == Receiving.Expected - 1 && Receiving.Response is not null)
        {
            Repeat(header, datagram, local, remote);
            return;
        }
        if (header.MessageId != Receiving.Expected || Receiving.InProgress is not null || Phase == Phase.Ghost)
        {
            Engine.Drop(header.MessageId == Receiving.Expected ? DropReason.Busy : DropReason.MessageId);
            return;
        }
        if (Decrypt(header, datagram, local, remote, ref Receiving.Fragments, out var message) is not { } result) return;
        Engine.Counters.AddMessage(header.Exchange, incoming: true, response: false, Connection?.Name);
        NoteInbound(local, remote);
        var verdict = Legality.Judge(header.Exchange, Phase, header.FromInitiator);
        if (verdict == Verdict.Drop)
        {
            Engine.Drop(DropReason.WrongState);
            return;
        }
        // the peer uses the SA of its own rekeying, so it knows that this one stands
        if (Contested is { } old && !message.All<DeletePayload>().Any(d => d.Protocol == Crypto.SecurityProtocol.Ike)) old.HandOverTo(this);
        if (result.IsOk) Log(LogGroup.Enc, 1, $"parsed {Notation.Describe(message.Header, message.Payloads)}");
        if (!result.IsOk) RefuseMalformed(header, result);
        else if (verdict != Verdict.Accept) Answer(new Exchanges.Refusal(this, header.Exchange, verdict), message);
        else if (Exchanges.Incoming.For(this, message) is { } exchange) Answer(exchange, message);
    }

    /// <summary>The request that made this SA.</summary>
    public void AnswerFirst(Exchange exchange, Message message)
    {
        Engine.Arrived = new(Local, Remote);
        Answer(exchange, message);
    }

    /// <summary>The same request again.</summary>
    public void RepeatInit()
    {
        TakeLogAllowance();
        RepeatResponse(0, Local, Remote);
    }

    void Answer(Exchange exchange, Message message)
    {
        Receiving.InProgress = exchange;
        exchange.Path = Engine.Arrived;
        exchange.OnRequest(message);
    }

    void ReceiveResponse(in IkeHeader header, ReadOnlySpan<byte> datagram, Endpoint local, Endpoint remote)
    {
        if (Sending.Pending is not { } exchange || !Sending.IsPending(header.MessageId) || header.Exchange != exchange.Type)
        {
            Engine.Drop(DropReason.MessageId);
            return;
        }
        Message message;
        if (header.Exchange is ExchangeType.IkeSaInit or ExchangeType.IkeSessionResume)
        {
            // unauthenticated: what does not parse is dropped, the true response may still come
            var parsed = Message.TryParse(datagram, out message);
            if (!parsed.IsOk || message.Encrypted is not null)
            {
                Engine.Drop(DropReason.Malformed, this);
                return;
            }
            if (exchange.IsForged(message))
            {
                Engine.Drop(DropReason.Integrity, this);
                Log(LogGroup.Ike, 1, $"received invalid REDIRECT notify");
                return;
            }
            if (Handshake is { } h) h.InitResponse = datagram.ToArray();
            Log(LogGroup.Net, 1, $"received packet: from {remote} to {local} ({datagram.Length} bytes)");
        }
        else
        {
            if (Incoming is null) return;
            if (PeerToken is not null && Message.TryParse(datagram, out var plain).IsOk && IsCrashNotice(plain))
            {
                OnPeerCrashed(exchange);
                return;
            }
            if (Decrypt(header, datagram, local, remote, ref Sending.Fragments, out message) is not { } result) return;
            if (!result.IsOk)
            {
                // authenticated, yet not understood: the SA has no future. RFC 7296 2.21.3
                Log(LogGroup.Enc, 1, $"{header.Exchange} response with message ID {header.MessageId} is malformed: {result.Reason}");
                Alert(AlertType.ParseErrorBody);
                Destroy($"the peer's response is malformed: {result.Reason}");
                return;
            }
            NoteInbound(local, remote);
            FoundPath(local, remote);
        }
        Engine.Counters.AddMessage(header.Exchange, incoming: true, response: true, Connection?.Name);
        LastInbound = Engine.Now;
        Sending.Datagrams = null;
        Timers.Cancel(_retransmit);
        if (Sending.IsRepetitionKnown) Alert(AlertType.RetransmitSendCleared);
        Log(LogGroup.Enc, 1, $"parsed {Notation.Describe(message.Header, message.Payloads)}");
        exchange.OnResponse(message);
    }

    /// <summary>
    /// Parses, checks integrity, decrypts, reassembles. Null: dropped, or a fragment of more to come. A result that is not Ok:
    /// authenticated but malformed.
    /// </summary>
    ParseResult? Decrypt(in IkeHeader header, ReadOnlySpan<byte> datagram, Endpoint local, Endpoint remote, ref Fragments? fragments, out Message message)
    {
        var outer = Message.TryParse(datagram, out message);
        // nothing is defined that stands outside SK, and IntAuth would have to cover it
        if (!outer.IsOk || message.Encrypted is not { } body || header.Exchange == ExchangeType.IkeIntermediate && message.Payloads.Count > 0)
        {
            Engine.Drop(DropReason.Malformed, this);
            return null;
        }
        var buffer = Engine.Scratch(datagram);
        if (!Incoming!.Open(buffer, body.Offset, out var at, out var length))
        {
            Engine.Drop(DropReason.Integrity, this);
            Log(LogGroup.Enc, 2, $"integrity check of message {header.MessageId} from {remote} failed, dropped");
            return null;
        }
        TakeLogAllowance();
        Log(LogGroup.Net, 1, $"received packet: from {remote} to {local} ({datagram.Length} bytes)");
        var first = body.First;
        ReadOnlySpan<byte> plaintext = buffer.Slice(at, length);
        if (body.IsFragment)
        {
            Log(LogGroup.Enc, 1, $"parsed {Notation.Describe(header, body)}");
            fragments ??= new(Engine.Settings.MaxPacket);
            var outcome = fragments.Add(body, plaintext, out var all);
            if (outcome != FragmentOutcome.Complete)
            {
                if (outcome == FragmentOutcome.TooLarge)
                {
                    Log(LogGroup.Enc, 1, $"fragmented IKE message is too large");
                    Engine.Drop(DropReason.TooLarge);
                }
                else if (outcome == FragmentOutcome.Waiting) Log(LogGroup.Enc, 1, $"received fragment #{body.FragmentNumber} of {body.FragmentTotal}, waiting for complete IKE message");
                return null;
            }
            first = fragments.First;
            fragments = null;
            Log(LogGroup.Enc, 1, $"received fragment #{body.FragmentNumber} of {body.FragmentTotal}, reassembled fragmented IKE message ({Message.WholeLength(all.Length, Incoming)} bytes)");
            plaintext = all;
        }
        List<Payload> payloads = [];
        var parsed = Message.ParsePayloads(first, plaintext, payloads);
        message = new(message.Header, payloads) { IntAuth = header.Exchange == ExchangeType.IkeIntermediate ? Message.Covered(header, first, plaintext) : [] };
        return parsed;
    }

    /// <summary>A request that we answered already: repeat, but only for the peer itself, and once per fragmented request (RFC 7383 2.6.1).</summary>
    void Repeat(in IkeHeader header, ReadOnlySpan<byte> datagram, Endpoint local, Endpoint remote)
    {
        if (!Message.TryParse(datagram, out var message).IsOk || message.Encrypted is not { } body || body is { IsFragment: true, FragmentNumber: not 1 }) return;
        if (!(Receiving.Before ?? Incoming!).Open(Engine.Scratch(datagram), body.Offset, out _, out _))
        {
            Engine.Drop(DropReason.Integrity, this);
            return;
        }
        TakeLogAllowance();
        RepeatResponse(header.MessageId, local, remote);
    }

    /// <summary>RFC 7296 2.21.3: INVALID_SYNTAX ends the SA, an unknown critical payload only the exchange.</summary>
    void RefuseMalformed(in IkeHeader header, ParseResult result)
    {
        Log(LogGroup.Enc, 1, $"{header.Exchange} request with message ID {header.MessageId} is malformed: {result.Reason}");
        Alert(AlertType.ParseErrorBody);
        var refusal = new Exchanges.Refusal(this, header.Exchange, result);
        Receiving.InProgress = refusal;
        refusal.Path = Engine.Arrived;
        refusal.Send();
        if (result.Outcome != ParseOutcome.UnsupportedCriticalPayload) BecomeGhost($"the peer's request is malformed: {result.Reason}");
    }

    /// <summary>
    /// An authenticated message: the peer lives, and is where it came from. Before the SA is established both endpoints follow
    /// (the peer may have floated to port 4500); later the remote one does unless we are behind the NAT (RFC 7296 2.23), or the peer has
    /// MOBIKE to tell us by (RFC 4555 3.8).
    /// </summary>
    void NoteInbound(Endpoint local, Endpoint remote)
    {
        LastInbound = Engine.Now;
        IsConfirmed = true;
        Engine.Arrived = new(local, remote);
        HeardElsewhere = local == Local && remote == Remote ? null : Engine.Arrived;
        if (Phase is Phase.Intermediate or Phase.Keyed && !IsInitiator)
        {
            // An end that NAT detection found in front of no NAT has the address of IKE_SA_INIT, and signs that: who relays IKE_AUTH from elsewhere does not draw the SA there.
            Local = PeerTraversesNat && !LocalBehindNat ? Local with { Port = local.Port } : local;
            Remote = PeerTraversesNat && !RemoteBehindNat ? Remote with { Port = remote.Port } : remote;
        }
        // with MOBIKE the initiator says where it is; a responder behind a NAT cannot
        else if (remote != Remote && !LocalBehindNat && RemoteBehindNat && (!UsesMobike || IsOriginalInitiator)) MoveRemote(remote);
    }

    /// <summary>Both ends continue on the NAT-T ports. RFC 7296 2.23.</summary>
    public void Float()
    {
        if (Local.Port == Engine.Settings.Port) Local = Local with { Port = Engine.Settings.PortNatT };
        if (Remote.Port == 500) Remote = Remote with { Port = 4500 };
    }

    public void SetLocal(Endpoint local) => Local = local;

    public void SetRemote(Endpoint remote) => Remote = remote;
}
