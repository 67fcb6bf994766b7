// Plays a client of gRPC in C++: Debian's libgrpc++, with stubs by protoc.
//
// usage: client HOST:PORT CA EMAIL PASSWORD-FILE OTHER-EMAIL OTHER-PASSWORD-FILE
//
// Signs in, watches, creates a deal, lists it, moves it, reads it; prints its number.
//
// usage: client HOST:PORT CA EMAIL PASSWORD-FILE load FILE
//
// Calls from several threads, on as many connections, until FILE is there, and every fourth call creates a deal "Load". Waits for a
// server that is away, but tries nothing again that has failed. Prints "calling", and at the end how many calls there were, how many
// of them created a deal, and how many failed: fails where one did.
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

#include "jiayi/v1/auth.grpc.pb.h"
#include "jiayi/v1/deal.grpc.pb.h"
#include "jiayi/v1/inbox.grpc.pb.h"

using namespace jiayi::v1;

static std::string slurp(const char *path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

static void require(bool is_so, const std::string &what) {
    if (is_so)
        return;
    std::cerr << "not so: " << what << std::endl;
    std::exit(1);
}

// What a call is made with: a token, if there is one, and a deadline.
static std::unique_ptr<grpc::ClientContext> context(const std::string &token, int seconds = 20) {
    auto c = std::make_unique<grpc::ClientContext>();
    if (!token.empty())
        c->AddMetadata("authorization", "Bearer " + token);
    c->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(seconds));
    return c;
}

static void must(const grpc::Status &s, const char *what) {
    require(s.ok(), std::string(what) + ": " + s.error_message());
}

static std::string sign_in(AuthService::Stub &auth, const char *email, const char *file) {
    SignInRequest request;
    SignInResponse answer;
    std::string password = slurp(file);
    password.erase(password.find_last_not_of('\n') + 1);
    request.set_email(email);
    request.set_password(password);
    must(auth.SignIn(context("").get(), request, &answer), "SignIn");
    return answer.token();
}

static std::shared_ptr<grpc::Channel> connect(char **argv) {
    grpc::SslCredentialsOptions tls;
    tls.pem_root_certs = slurp(argv[2]);
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1); // a connection of its own
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 500);
    return grpc::CreateCustomChannel(argv[1], grpc::SslCredentials(tls), arguments);
}

static int load(char **argv) {
    std::atomic<long> calls{0}, made{0}, failed{0};
    std::string token = sign_in(*AuthService::NewStub(connect(argv)), argv[3], argv[4]);
    std::vector<std::thread> threads;
    std::cout << "calling" << std::endl;
    for (int i = 0; i < 8; i++)
        threads.emplace_back([&, i] {
            auto deals = DealService::NewStub(connect(argv));
            for (long n = 0; access(argv[6], F_OK) != 0; n++) {
                bool creates = (n + i) % 4 == 0;
                auto with = context(token, 60);
                with->set_wait_for_ready(true);
                CreateDealRequest create;
                create.set_title("Load");
                create.set_customer("Load");
                ListDealsRequest list;
                list.set_page_size(1);
                Deal deal;
                ListDealsResponse page;
                grpc::Status s = creates ? deals->CreateDeal(with.get(), create, &deal)
                                         : deals->ListDeals(with.get(), list, &page);
                calls++;
                made += creates && s.ok();
                if (!s.ok() && failed++ == 0)
                    std::cerr << s.error_code() << " " << s.error_message() << std::endl;
            }
        });
    for (auto &thread : threads)
        thread.join();
    std::cout << calls << " calls, " << made << " deals made, " << failed << " failed" << std::endl;
    return failed > 0;
}

int main(int argc, char **argv) {
    require(argc == 7, "six arguments");
    if (std::string(argv[5]) == "load")
        return load(argv);
    auto channel = connect(argv);
    auto auth = AuthService::NewStub(channel);
    auto deals = DealService::NewStub(channel);
    auto inbox = InboxService::NewStub(channel);

    std::string token = sign_in(*auth, argv[3], argv[4]), other = sign_in(*auth, argv[5], argv[6]);
    WhoAmIResponse me;
    must(auth->WhoAmI(context(token).get(), WhoAmIRequest(), &me), "WhoAmI");
    require(me.email() == argv[3], "who I am");

    CreateDealRequest create;
    Deal made, moved, read;
    create.set_title("深圳港口自动化");
    create.set_customer("深圳港务集团");
    create.mutable_amount()->set_amount("3500000");
    create.mutable_amount()->set_currency("CNY");
    must(deals->CreateDeal(context(token).get(), create, &made), "CreateDeal");
    ListDealsResponse listed;
    must(deals->ListDeals(context(token).get(), ListDealsRequest(), &listed), "ListDeals");
    bool is_there = false;
    for (const auto &deal : listed.deals())
        is_there |= deal.id() == made.id();
    require(is_there, "the deal is in the list");

    // Somebody else moves it: who owns it is told.
    auto watching = context(token, 60);
    auto stream = inbox->WatchInbox(watching.get(), WatchInboxRequest());
    WatchInboxResponse told;
    require(stream->Read(&told), "the stream has a first answer");
    MoveDealRequest move;
    move.set_deal_id(made.id());
    move.set_stage("quoted");
    must(deals->MoveDeal(context(other).get(), move, &moved), "MoveDeal");
    bool is_told = false;
    while (!is_told) {
        require(stream->Read(&told), "the stream goes on");
        for (const auto &item : told.items())
            is_told |= item.on() == "deal/" + std::to_string(made.id()) && item.to() == "quoted";
    }
    watching->TryCancel();
    require(stream->Finish().error_code() == grpc::StatusCode::CANCELLED, "it is cancelled");

    GetDealRequest get;
    get.set_deal_id(made.id());
    must(deals->GetDeal(context(token).get(), get, &read), "GetDeal");
    require(read.stage() == "quoted" && read.title() == create.title(), "what was read is what was written");
    grpc::Status failed = deals->GetDeal(context("").get(), get, &read);
    require(failed.error_code() == grpc::StatusCode::UNAUTHENTICATED, "a stranger is told so");
    get.set_deal_id(999999);
    failed = deals->GetDeal(context(token).get(), get, &read);
    require(failed.error_code() == grpc::StatusCode::NOT_FOUND && !failed.error_details().empty(), "what fails has its details");
    std::cout << made.id() << std::endl;
}
