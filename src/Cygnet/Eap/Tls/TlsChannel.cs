// One end of TLS inside EAP: what client and server have in common from the first fragment to the alert. RFC 5216 2.1.
namespace Cygnet.Eap.Tls;

/// <summary><paramref name="other"/>: who is at the other end, for the log.</summary>
sealed class TlsChannel(TlsFraming framing, string other, Action<string> log) : IDisposable
{
    bool _wasEstablished;
    TlsTrust? _trust;

    public TlsFraming Framing { get; } = framing;

    public TlsSession? Session { get; private set; }

    /// <summary>Why TLS has failed; an alert may still be to be sent.</summary>
    public string? Doom { get; private set; }

    public bool IsEstablished => Doom is null && _wasEstablished;

    /// <summary>
    /// Whether the other side's certificate is revoked is not known yet. libssl has gone on as if it were good; nothing of what it has made is sent, and
    /// nothing that it has decrypted is looked at, before <see cref="Resume"/> has said so.
    /// </summary>
    public bool IsPending => Doom is null && _trust?.Verdict == TlsVerdict.Pending;

    // a handshake is signatures and Diffie-Hellman
    public int Microseconds => _wasEstablished ? 80 : 4000;

    /// <summary>Null, or why there is none.</summary>
    public string? Open(TlsOptions options, TlsTrust trust)
    {
        _trust = trust;
        Session = TlsSession.Create(options, out var reason);
        return Session is null ? reason : null;
    }

    /// <summary>
    /// Takes what the other end sent. <paramref name="onEstablished"/> is called when that ends the handshake, and told whether there is data already;
    /// <paramref name="onData"/> gets data, and says whether the conversation goes on.
    /// </summary>
    public void Receive(byte[] flight, Action<bool> onEstablished, Func<byte[], bool> onData)
    {
        Session!.Receive(flight);
        GoOn(onEstablished, onData);
    }

    /// <summary>As <see cref="Receive"/>, after <see cref="IsPending"/>: judges anew. What is not trusted now gets no alert: libssl has gone past that.</summary>
    public void Resume(Action<bool> onEstablished, Func<byte[], bool> onData)
    {
        if (_trust!.Again() == TlsVerdict.Refused)
        {
            Session!.TakeOutput();
            Doom = $"TLS with the {other} failed: certificate verify failed";
            log(Doom);
        }
        else GoOn(onEstablished, onData);
    }

    void GoOn(Action<bool> onEstablished, Func<byte[], bool> onData)
    {
        var session = Session!;
        if (session.Error is null && IsPending) return;
        var data = session.TakeData();
        if (session.Error is null && session.IsEstablished)
        {
            if (!_wasEstablished)
            {
                _wasEstablished = true;
                log($"negotiated {TlsNames.Of(session.Version)} using suite {session.Suite}");
                onEstablished(data.Length > 0);
            }
            if (data.Length > 0 && !onData(data)) return;
        }
        if (session.Error is not { } error) return;
        Doom = $"TLS with the {other} failed: {error}";
        log(Doom);
    }

    public void Dispose() => Session?.Dispose();
}
