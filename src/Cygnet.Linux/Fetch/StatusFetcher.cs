// Fetches CRLs, OCSP responses and certificates for all shards: HTTP, LDAP, files. RFC 5280 4.2.1.13, RFC 6960 appendix A, RFC 7296 3.6.
using System.Collections.Concurrent;
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Pki.Revocation;

namespace Cygnet.Linux.Fetch;

/// <summary>What strongswan.conf says of fetching: <c>charon.plugins.revocation</c>.</summary>
public sealed record FetchSettings(TimeSpan Timeout, StatusSettings Status);

/// <summary>
/// Thread safe. Equal needs share one fetch; so many run at a time, the others wait their turn, and whoever waits longer than the time-out goes without.
/// </summary>
public sealed class StatusFetcher(IRandom random, FetchSettings settings, Action<string> log) : IStatusFetcher, IDisposable
{
    // Lists of public CAs have some megabytes; an answer of a responder has some hundred bytes.
    const int MaxCrlBytes = 1 << 25, MaxAtOnce = 16;

    // For strangers less, and apart, so that they take nobody's turn.
    const int MaxCertificateBytes = 1 << 16, MaxForStrangers = 4;

    readonly HttpFetch _http = HttpFetch.ForTrusted(), _configured = HttpFetch.ForStrangers(null), _public = HttpFetch.ForStrangers(PublicHosts.Connect);
    readonly SemaphoreSlim _turns = new(MaxAtOnce), _strangers = new(MaxForStrangers);
    readonly ConcurrentDictionary<StatusNeed, Task<StatusAnswer>> _underWay = new();
    readonly Lock _writing = new();
    Task _written = Task.CompletedTask;

    /// <summary>May be replaced while fetches are under way.</summary>
    public FetchSettings Fetching { get; set; } = settings;

    public StatusSettings Settings => Fetching.Status;

    /// <summary>The directory in which verified CRLs are kept (<c>cachecrls</c>); null: nowhere.</summary>
    public Func<string?> KeepIn { get; set; } = () => null;

    public async ValueTask<StatusAnswer> Fetch(StatusNeed need)
    {
        var mine = new TaskCompletionSource<StatusAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        var task = _underWay.GetOrAdd(need, mine.Task);
        if (task == mine.Task)
        {
            var answer = await FetchAlone(need).ConfigureAwait(false);
            _underWay.TryRemove(need, out _);
            mine.SetResult(answer);
        }
        return await task.ConfigureAwait(false);
    }

    /// <summary>Queues the writing: who calls is a shard, and disks can be slow.</summary>
    public void Keep(IReadOnlyList<Crl> crls)
    {
        if (crls.Count == 0 || KeepIn() is not { } directory) return;
        lock (_writing)
            _written = _written.ContinueWith(_ =>
            {
                foreach (var crl in crls) log(CrlFile.Write(directory, crl));
            }, TaskScheduler.Default);
    }

    /// <summary>Ends when all that was to be kept so far is on disk, or has failed, which the log says.</summary>
    public Task Written
    {
        get
        {
            lock (_writing) return _written;
        }
    }

    Task<StatusAnswer> FetchAlone(StatusNeed need) => InTurn(_turns, limit => Fetch(need, limit), StatusAnswer.Failed);

    public async ValueTask<FetchedCertificate> FetchCertificate(CertificateNeed need) =>
        await InTurn(_strangers, async limit =>
        {
            if (!Uri.TryCreate(need.Url, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttp || url.UserInfo.Length > 0)
                return FetchedCertificate.Failed($"'{need.Url}' is no plain http URL");
            return new(await (need.IsConfigured ? _configured : _public).Get(url, MaxCertificateBytes, limit).ConfigureAwait(false), null);
        }, FetchedCertificate.Failed).ConfigureAwait(false);

    // Never fails, and never lasts.
    async Task<T> InTurn<T>(SemaphoreSlim turns, Func<CancellationToken, Task<T>> fetch, Func<string, T> failed)
    {
        using var limit = new CancellationTokenSource(Fetching.Timeout);
        try
        {
            await turns.WaitAsync(limit.Token).ConfigureAwait(false);
            try
            {
                return await fetch(limit.Token).ConfigureAwait(false);
            }
            finally { turns.Release(); }
        }
        catch (OperationCanceledException)
        {
            return failed($"no answer within {Fetching.Timeout.TotalSeconds:0} s");
        }
        catch (Exception e)
        {
            // Whatever it was: those who wait for it go on without. What a connection fails for stands inside.
            return failed(e.GetBaseException().Message);
        }
    }

    async Task<StatusAnswer> Fetch(StatusNeed need, CancellationToken limit)
    {
        if (!Uri.TryCreate(need.Uri, UriKind.Absolute, out var uri)) return StatusAnswer.Failed($"'{need.Uri}' is no URI");
        if (need.CertId is not null)
        {
            if (!HttpFetch.Knows(uri)) return Incapable(need);
            var (request, nonce) = need.Make(random);
            return StatusAnswer.Of(await _http.Post(uri, request, "application/ocsp-request", OcspResponse.MaxBytes, limit).ConfigureAwait(false), nonce);
        }
        if (uri.IsFile) return StatusAnswer.Of(await ReadFile(uri.LocalPath, limit).ConfigureAwait(false), []);
        if (HttpFetch.Knows(uri)) return StatusAnswer.Of(await _http.Get(uri, MaxCrlBytes, limit).ConfigureAwait(false), []);
        return uri.Scheme == LdapUri.Scheme ? StatusAnswer.Of(await LdapSearch.Fetch(LdapUri.Parse(uri), MaxCrlBytes, limit).ConfigureAwait(false), []) : Incapable(need);
    }

    static StatusAnswer Incapable(StatusNeed need) => StatusAnswer.Failed($"unable to fetch from {need.Uri}, no capable fetcher found");

    static async Task<byte[]> ReadFile(string path, CancellationToken limit) => new FileInfo(path) is { Exists: true, Length: <= MaxCrlBytes }
        ? await File.ReadAllBytesAsync(path, limit).ConfigureAwait(false) : throw new FetchFailure($"'{path}' is not there, or longer than {MaxCrlBytes} bytes");

    public void Dispose()
    {
        foreach (var http in (HttpFetch[])[_http, _configured, _public]) http.Dispose();
        _turns.Dispose();
        _strangers.Dispose();
    }
}
