// What was fetched about revocation, shared by all shards: verified CRLs and OCSP responses, and what could not be fetched lately.
using System.Collections.Immutable;

namespace Cygnet.Pki.Revocation;

/// <summary>One moment of the cache; immutable.</summary>
public sealed record StatusPicture
{
    public static readonly StatusPicture Empty = new();

    public ImmutableArray<Crl> Crls { get; init; } = [];

    /// <summary>In the order in which they came.</summary>
    public ImmutableArray<OcspResponse> Responses { get; init; } = [];

    internal ImmutableDictionary<StatusNeed, (StatusAnswer Answer, DateTimeOffset At)> Failures { get; init; } = ImmutableDictionary<StatusNeed, (StatusAnswer, DateTimeOffset)>.Empty;

    // A server that is down costs one peer its patience, not every peer.
    internal static readonly TimeSpan FailureLife = TimeSpan.FromSeconds(10);

    internal StatusAnswer? FailureOf(StatusNeed need, DateTimeOffset now) =>
        Failures.TryGetValue(need, out var failure) && now < failure.At + FailureLife && now >= failure.At ? failure.Answer : null;
}

/// <summary>Thread safe. Only what verified gets in, and not more than fits: whoever names URIs is a CA that we trust, and still not to fill our memory.</summary>
public sealed class StatusCache
{
    public const int MaxCrls = 200, MaxResponses = 1000, MaxFailures = 200;

    /// <summary>Of the encoded CRLs together; what they are parsed into takes a few times as much.</summary>
    public const long MaxCrlBytes = 1 << 26;

    readonly Lock _lock = new();
    StatusPicture _current = StatusPicture.Empty;

    public StatusPicture Current => Volatile.Read(ref _current);

    /// <summary>Keeps what a round has found worth keeping; returns the CRLs that are new here.</summary>
    public ImmutableArray<Crl> Learn(StatusRound round, DateTimeOffset now)
    {
        if (round.LearnedCrls.Count + round.LearnedResponses.Count == 0) return [];
        lock (_lock)
        {
            var @new = ImmutableArray.CreateBuilder<Crl>();
            var crls = _current.Crls;
            foreach (var crl in round.LearnedCrls)
            {
                var with = CrlSet.With(crls, crl, out _);
                if (with != crls) @new.Add(crl);
                crls = with;
            }
            while (crls.Length > MaxCrls || crls.Sum(c => (long)c.Raw.Length) > MaxCrlBytes) crls = crls.RemoveAt(0);
            var responses = _current.Responses;
            foreach (var response in round.LearnedResponses.Except(responses))
                responses = responses.RemoveAll(old => old.Expires <= now || old.Singles.All(s => response.Singles.Any(n => n.CertId.Equals(s.CertId)))).Add(response);
            if (responses.Length > MaxResponses) responses = responses.RemoveRange(0, responses.Length - MaxResponses);
            Volatile.Write(ref _current, _current with { Crls = crls, Responses = responses });
            return @new.ToImmutable();
        }
    }

    /// <summary>Remembers what could not be fetched; a success forgets.</summary>
    public void Note(StatusNeed need, StatusAnswer answer, DateTimeOffset now)
    {
        lock (_lock)
        {
            var failures = _current.Failures.Remove(need);
            if (answer.Failure is not null)
            {
                if (failures.Count >= MaxFailures) failures = failures.RemoveRange(failures.Where(f => f.Value.At + StatusPicture.FailureLife <= now).Select(f => f.Key));
                if (failures.Count >= MaxFailures) failures = failures.Clear();
                failures = failures.Add(need, (answer, now));
            }
            Volatile.Write(ref _current, _current with { Failures = failures });
        }
    }

    /// <summary>Forgets what was fetched; what could not be is tried again at once.</summary>
    public void Flush(bool crls, bool responses)
    {
        lock (_lock)
        {
            var now = _current with { Failures = StatusPicture.Empty.Failures };
            if (crls) now = now with { Crls = [] };
            if (responses) now = now with { Responses = [] };
            Volatile.Write(ref _current, now);
        }
    }
}
