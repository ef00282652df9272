// Servers of CRLs and OCSP responses that answer when virtual time has come.
using Cygnet.Pki;
using Cygnet.Pki.Revocation;

namespace Cygnet.Tests.Sim;

public sealed class FakeFetcher(Network network, TimeSpan delay) : IStatusFetcher
{
    /// <summary>What each URI answers; others cannot be reached.</summary>
    public Dictionary<string, Func<StatusNeed, StatusAnswer>> Servers { get; } = [];
    public List<StatusNeed> Fetched { get; } = [];
    public List<Crl> Kept { get; } = [];
    public StatusSettings Settings { get; } = new();

    public ValueTask<StatusAnswer> Fetch(StatusNeed need)
    {
        Fetched.Add(need);
        var answer = new TaskCompletionSource<StatusAnswer>();
        network.At(delay, () => Inline(() => answer.SetResult(Servers.TryGetValue(need.Uri, out var server) ? server(need) : StatusAnswer.Failed("no route to host"))));
        return new(answer.Task);
    }

    /// <summary>Certificates, by URL.</summary>
    public Dictionary<string, byte[]> Certificates { get; } = [];
    public List<CertificateNeed> FetchedCertificates { get; } = [];

    public ValueTask<FetchedCertificate> FetchCertificate(CertificateNeed need)
    {
        FetchedCertificates.Add(need);
        var answer = new TaskCompletionSource<FetchedCertificate>();
        network.At(delay, () => Inline(() => answer.SetResult(Certificates.TryGetValue(need.Url, out var der) ? new(der, null) : FetchedCertificate.Failed("no route to host"))));
        return new(answer.Task);
    }

    // Under the test runner's context those who wait would go on elsewhere, and virtual time would not wait for them.
    static void Inline(Action action)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        action();
        SynchronizationContext.SetSynchronizationContext(context);
    }

    public void Keep(IReadOnlyList<Crl> crls) => Kept.AddRange(crls);
}
