// HTTP for CRLs, OCSP and certificates: a bounded body, few redirections, none away from HTTP. RFC 9110.
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Cygnet.Linux.Fetch;

/// <summary>Thread safe. Each request has a connection of its own: a responder that says it keeps one, and closes it, would fail the next request.</summary>
sealed class HttpFetch : IDisposable
{
    readonly HttpClient _client;

    HttpFetch(SocketsHttpHandler handler)
    {
        (handler.UseCookies, handler.MaxConnectionsPerServer, handler.MaxResponseHeadersLength) = (false, 8, 16);
        _client = new(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>For what CAs that we trust name. The handler itself follows to http and https only, and never from https to http.</summary>
    public static HttpFetch ForTrusted() => new(new SocketsHttpHandler { MaxAutomaticRedirections = 5 });

    /// <summary>For what a stranger names: nothing is followed, no proxy asked; <paramref name="connect"/> says to whom connections are made, null: to anybody.</summary>
    public static HttpFetch ForStrangers(Func<DnsEndPoint, CancellationToken, ValueTask<Stream>>? connect) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, UseProxy = false, ConnectCallback = connect is null ? null : (context, limit) => connect(context.DnsEndPoint, limit),
    });

    public static bool Knows(Uri uri) => uri.Scheme is "http" or "https";

    public Task<byte[]> Get(Uri uri, int maxBytes, CancellationToken limit) => Send(() => new HttpRequestMessage(HttpMethod.Get, uri), maxBytes, limit);

    public Task<byte[]> Post(Uri uri, byte[] body, string type, int maxBytes, CancellationToken limit) => Send(
        () => new HttpRequestMessage(HttpMethod.Post, uri) { Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(type) } } }, maxBytes, limit);

    /// <summary>A connection that is reset before anything came over it is tried once more: a responder that serves one client after another may do that to the next one.</summary>
    async Task<byte[]> Send(Func<HttpRequestMessage> make, int maxBytes, CancellationToken limit)
    {
        try
        {
            using var request = make();
            return await Send(request, maxBytes, limit).ConfigureAwait(false);
        }
        catch (HttpRequestException e) when (e.GetBaseException() is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            using var request = make();
            return await Send(request, maxBytes, limit).ConfigureAwait(false);
        }
    }

    async Task<byte[]> Send(HttpRequestMessage request, int maxBytes, CancellationToken limit)
    {
        request.Headers.ConnectionClose = true;
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.OK) throw new FetchFailure($"the server answers {(int)response.StatusCode} {response.ReasonPhrase}");
        var stream = await response.Content.ReadAsStreamAsync(limit).ConfigureAwait(false);
        using var body = new MemoryStream();
        var buffer = new byte[1 << 14];
        while (await stream.ReadAsync(buffer, limit).ConfigureAwait(false) is > 0 and var read)
        {
            if (body.Length + read > maxBytes) throw new FetchFailure($"the server sends more than {maxBytes} bytes");
            body.Write(buffer, 0, read);
        }
        return body.ToArray();
    }

    public void Dispose() => _client.Dispose();
}
