// A certification path checked in rounds: what is not known of revocation is fetched, then all is checked again. RFC 5280 6.1.
using Cygnet.Auth;
using Cygnet.Pki;
using Cygnet.Pki.Revocation;

namespace Cygnet.PkiTool;

/// <summary>Whether a certificate is trusted with these CAs, and what is known of its revocation.</summary>
sealed class Validation(Surroundings world, IReadOnlyList<Certificate> authorities, IReadOnlyList<Crl> crls, bool isOnline)
{
    // For one path; what is wanted beyond counts as unreachable.
    const int MaxFetches = 32;

    readonly Dictionary<StatusNeed, StatusAnswer> _answers = [];

    /// <summary>The outcome and the worst that was found out of revocation. Its lines are said as they come.</summary>
    public (TrustResult, CertificateStatus?) Run(Certificate certificate, bool isPinned)
    {
        using var fetcher = isOnline ? world.OpenFetcher() : null;
        for (var said = 0; ;)
        {
            // Files say what they say; a responder is asked only where that was wanted.
            var round = new StatusRound(StatusPicture.Empty, _answers, isOnline) { Settings = fetcher?.Settings ?? new(UsesOcsp: false) };
            var status = new OperatorStatus(authorities, crls, round, world.Crypto);
            var result = new TrustChain(world.Crypto, authorities, [], world.Now, status).Validate(certificate, isPinned: isPinned);
            foreach (var line in result.Lines.Skip(said)) world.Say(line);
            if (!result.IsPending) return (result, status.Worst);
            said = result.Lines.Count;
            Fetch(fetcher!, round.Needs);
        }
    }

    void Fetch(IStatusFetcher fetcher, IReadOnlyList<StatusNeed> needs)
    {
        StatusNeed[] wanted = [.. needs.Take(Math.Max(0, MaxFetches - _answers.Count))];
        var fetched = Task.WhenAll(wanted.Select(n => fetcher.Fetch(n).AsTask())).GetAwaiter().GetResult();
        foreach (var need in needs) _answers[need] = StatusAnswer.Failed($"more than {MaxFetches} fetches for one certificate");
        foreach (var (need, answer) in wanted.Zip(fetched)) _answers[need] = answer;
    }
}
